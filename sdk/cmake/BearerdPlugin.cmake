# add_bearerd_plugin(NAME SOURCES … SCHEMA settings.schema.json [VERSION x.y.z] [LIBRARIES …] [OUTPUT_DIRECTORY …] [NO_INSTALL])
#
# A provider plugin: target bearerd_plugin_NAME, file NAME.so with one exported symbol and its settings' schema inside. The file
# lands in OUTPUT_DIRECTORY, else in BEARERD_PLUGIN_OUTPUT_DIRECTORY where that is set, and is installed into <libdir>/bearerd/plugins.
#
# add_bearerd_plugin_test(NAME PLUGIN name SOURCES … [LIBRARIES …])
#
# A test of a plugin without the daemon (bearerd/testing.hpp), for ctest. The plugin's file is the macro BEARERD_PLUGIN_FILE.
#
# add_bearerd_plugin_check(name [SETTINGS entry.json] [CLAIMS claims.json] [TYPE typ])
#
# Holds the plugin to the ABI's contract with bearerd-plugin-check, for ctest.
include_guard()
include(GNUInstallDirs)

set(_bearerd_plugin_export_map ${CMAKE_CURRENT_LIST_DIR}/bearerd-plugin.map)
set(_bearerd_plugin_description ${CMAKE_CURRENT_LIST_DIR}/plugin_description.h.in)

function(add_bearerd_plugin name)
  cmake_parse_arguments(ARG "NO_INSTALL" "VERSION;SCHEMA;OUTPUT_DIRECTORY" "SOURCES;LIBRARIES" ${ARGN})
  if(NOT name MATCHES "^[a-z0-9][a-z0-9-]*$")
    message(FATAL_ERROR "plugin ${name}: a name is small letters, digits and '-'")
  endif()
  if(NOT ARG_SOURCES OR NOT ARG_SCHEMA)
    message(FATAL_ERROR "plugin ${name}: SOURCES and SCHEMA are needed")
  endif()
  if(NOT ARG_VERSION)
    set(ARG_VERSION ${PROJECT_VERSION})
  endif()

  cmake_path(ABSOLUTE_PATH ARG_SCHEMA BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ARG_SCHEMA})
  file(READ ${ARG_SCHEMA} schema)
  string(JSON ignored ERROR_VARIABLE problem TYPE "${schema}" settings)
  if(problem)
    message(FATAL_ERROR "plugin ${name}: ${ARG_SCHEMA}: ${problem}")
  endif()
  # A C string literal, so that C plugins can use it too.
  string(REPLACE "\\" "\\\\" schema "${schema}")
  string(REPLACE "\"" "\\\"" schema "${schema}")
  string(REPLACE "\n" "\\n\" \\\n  \"" schema "${schema}")
  set(BEARERD_NAME ${name})
  set(BEARERD_VERSION ${ARG_VERSION})
  set(BEARERD_SCHEMA "${schema}")
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/${name}-plugin)
  configure_file(${_bearerd_plugin_description} ${generated}/plugin_description.h @ONLY)

  set(target bearerd_plugin_${name})
  add_library(${target} MODULE ${ARG_SOURCES})
  target_include_directories(${target} PRIVATE ${generated})
  target_link_libraries(${target} PRIVATE bearerd::sdk ${ARG_LIBRARIES})
  target_compile_features(${target} PRIVATE cxx_std_20)
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME ${name} SUFFIX ".so"
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${_bearerd_plugin_export_map})
  if(NOT ARG_OUTPUT_DIRECTORY)
    set(ARG_OUTPUT_DIRECTORY ${BEARERD_PLUGIN_OUTPUT_DIRECTORY})
  endif()
  if(ARG_OUTPUT_DIRECTORY)
    set_target_properties(${target} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${ARG_OUTPUT_DIRECTORY})
  endif()
  # Unique symbols of GCC's templates and statics pin a library for ever and are shared with its next version; clang makes none.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)
  target_link_options(${target} PRIVATE -Wl,--version-script=${_bearerd_plugin_export_map} -Wl,-z,relro -Wl,-z,now)
  # What is missing shows at build time, not at load. A sanitizer's own symbols come from the program.
  if(NOT BEARERD_SANITIZE)
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()
  if(NOT ARG_NO_INSTALL)
    install(TARGETS ${target} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/bearerd/plugins)
  endif()
endfunction()

function(add_bearerd_plugin_test name)
  cmake_parse_arguments(ARG "" "PLUGIN" "SOURCES;LIBRARIES" ${ARGN})
  if(NOT ARG_PLUGIN OR NOT ARG_SOURCES)
    message(FATAL_ERROR "plugin test ${name}: PLUGIN and SOURCES are needed")
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE bearerd::testing ${ARG_LIBRARIES})
  target_compile_definitions(${name} PRIVATE BEARERD_PLUGIN_FILE="$<TARGET_FILE:bearerd_plugin_${ARG_PLUGIN}>")
  add_dependencies(${name} bearerd_plugin_${ARG_PLUGIN})
  add_test(NAME ${name} COMMAND ${name})
endfunction()

function(add_bearerd_plugin_check name)
  cmake_parse_arguments(ARG "" "SETTINGS;CLAIMS;TYPE" "" ${ARGN})
  set(options "")
  foreach(option SETTINGS CLAIMS)
    if(ARG_${option})
      cmake_path(ABSOLUTE_PATH ARG_${option} BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
      string(TOLOWER ${option} word)
      list(APPEND options --${word} ${ARG_${option}})
    endif()
  endforeach()
  if(ARG_TYPE)
    list(APPEND options --type ${ARG_TYPE})
  endif()
  add_test(NAME ${name}_plugin_check COMMAND ${BEARERD_PLUGIN_CHECK} $<TARGET_FILE:bearerd_plugin_${name}> ${options})
endfunction()
