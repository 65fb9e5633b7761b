# embed_files(OUTPUT BASE FILES…): a C++ source that holds each file's text under its path below BASE, for ctl/embedded_files.hpp.
# Made when CMake runs; a changed file makes CMake run again.
function(embed_files output base)
  set(rows "")
  foreach(file ${ARGN})
    file(READ ${base}/${file} text)
    string(APPEND rows "    {\"${file}\", R\"bearerd-file(${text})bearerd-file\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${base}/${file})
  endforeach()
  list(LENGTH ARGN count)
  file(CONFIGURE OUTPUT ${output} CONTENT [=[
#include "ctl/integrate/embedded_files.hpp"

#include <array>

namespace bearerd::ctl {
namespace {

constexpr std::array<EmbeddedFile, @count@> kFiles{{
@rows@}};

}  // namespace

std::span<const EmbeddedFile> embedded_files() noexcept { return kFiles; }

}  // namespace bearerd::ctl
]=] @ONLY)
endfunction()
