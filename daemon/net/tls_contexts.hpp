// One TLS context per set of trusted authorities, made when first needed.
#pragma once

#include <Poco/Net/Context.h>

#include <map>
#include <mutex>
#include <string>

#include "base/result.hpp"

namespace bearerd::net {

// Loading the system's trust store takes tens of milliseconds and most of a megabyte: it is done once, by the first
// fetch that needs it and never while starting, and again only when the file has changed. Any thread.
class TlsContexts {
 public:
  // `ca_file` empty: the system's trust store. kInvalid when the file holds no certificates; kNotFound, kDenied.
  [[nodiscard]] base::Result<Poco::Net::Context::Ptr> get(const std::string& ca_file);

 private:
  struct Made {
    std::string version;  // of the file
    Poco::Net::Context::Ptr context;
  };
  std::mutex mutex_;
  std::map<std::string, Made> by_file_;
};

}  // namespace bearerd::net
