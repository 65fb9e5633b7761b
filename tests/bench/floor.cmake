add_executable(bench_floor floor.cpp)
set_target_properties(bench_floor PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
target_link_libraries(bench_floor PRIVATE bearerd_http bearerd_flags)
