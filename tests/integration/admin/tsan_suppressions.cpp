// POCO comes without instrumentation: ThreadSanitizer sees it, or the last who held a socket, free it and not the
// reference count that says it may. Inline code that both of its libraries have may lock in one and unlock in the
// other.
extern "C" const char* __tsan_default_suppressions();   // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __tsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "called_from_lib:libPocoNet.so\ncalled_from_lib:libPocoNetSSL.so\n"
         "race:bearerd::http::Reception::Caller::~Caller\n";
}
