add_executable(bench_limits limits.cpp)
set_target_properties(bench_limits PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
target_include_directories(bench_limits PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(bench_limits PRIVATE bearerd_state bearerd_flags)
