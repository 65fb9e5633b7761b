# bearerd_layer(NAME SOURCES … [LAYERS …] [LIBRARIES …]): one folder of daemon/, one static library.
# LAYERS are our own layers below it, LIBRARIES what it takes from outside; tests/lint/layers.py holds includes to the house's table.
function(bearerd_layer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LAYERS;LIBRARIES" ${ARGN})
  list(TRANSFORM ARG_LAYERS PREPEND bearerd_)
  add_library(bearerd_${name} STATIC ${ARG_SOURCES})
  target_include_directories(bearerd_${name} PUBLIC ${PROJECT_SOURCE_DIR}/daemon)
  target_link_libraries(bearerd_${name} PUBLIC ${ARG_LAYERS} ${ARG_LIBRARIES} PRIVATE bearerd_flags)
endfunction()

# bearerd_test(NAME LABEL label SOURCES … [LIBRARIES …]): one GoogleTest program, one ctest entry.
function(bearerd_test name)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SOURCES;LIBRARIES" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${name} PRIVATE BEARERD_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data"
    BEARERD_PLUGIN_DIRECTORY="${BEARERD_PLUGIN_OUTPUT_DIRECTORY}")
  target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES} GTest::gtest GTest::gmock GTest::gtest_main bearerd_flags)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT})
endfunction()
