# Warnings are errors; what is shipped is hardened (checked by tests/lint/hardening.sh).
add_library(bearerd_flags INTERFACE)
target_compile_options(bearerd_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion -Wformat=2 -Wundef
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-Wduplicated-cond -Wlogical-op>
  -fstack-protector-strong -fno-plt)
if(BEARERD_SANITIZE)
  target_compile_options(bearerd_flags INTERFACE -fsanitize=${BEARERD_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(bearerd_flags INTERFACE -fsanitize=${BEARERD_SANITIZE})
  # GCC 12 finds maybe-uninitialized in instrumented standard headers where there is none.
  target_compile_options(bearerd_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized -Wno-stringop-overflow>)
else()
  target_compile_options(bearerd_flags INTERFACE $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>
    $<$<STREQUAL:${CMAKE_SYSTEM_PROCESSOR},x86_64>:-fcf-protection=full -fstack-clash-protection>)
endif()
target_compile_definitions(bearerd_flags INTERFACE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
target_link_options(bearerd_flags INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed)
