add_executable(bench_parts parts.cpp)
set_target_properties(bench_parts PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
target_link_libraries(bench_parts PRIVATE bearerd_verify bearerd_flags)
