# One call per source folder: the library, its test binary, its fuzz targets and its benchmarks are
# found by name (thing.cpp, thing_test.cpp, thing_fuzz.cpp, thing_bench.cpp), so adding a file needs
# no change here.

option(COMITY_TESTS "Build the tests" ON)
option(COMITY_PAGES "Build the pages in web/ with npm and put them into the program" ON)
option(COMITY_BENCH "Build the benchmarks beside the code (thing_bench.cpp)" OFF)
option(COMITY_FUZZ "Build the fuzz targets (clang, preset fuzz)" OFF)

add_library(comity_options INTERFACE)
target_compile_options(comity_options INTERFACE
                       $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wconversion -Wshadow -Werror>)
if(CMAKE_UNITY_BUILD)
  # It tells the types of one .cpp by the main file, which is none of ours here.
  target_compile_options(comity_options
                         INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-subobject-linkage>)
endif()
target_include_directories(comity_options INTERFACE ${CMAKE_SOURCE_DIR}/src)

# Where the sources are is known to one file of the tests alone: every other object is the same for
# every checkout, and a compiler cache serves them all.
if(COMITY_TESTS)
  add_library(comity_test_source_dir STATIC src/base/test_source_dir.cpp)
  target_link_libraries(comity_test_source_dir PUBLIC comity_options)
  target_compile_definitions(comity_test_source_dir
                             PRIVATE COMITY_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
endif()

# Eight files are compiled as one, which takes a third of the time (docs/adr/0020). An object that
# reaches outside is that of one file, so that tools/check_symbols can say which it is.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
             ${CMAKE_SOURCE_DIR}/tools/symbols_allowed.tsv)
file(STRINGS ${CMAKE_SOURCE_DIR}/tools/symbols_allowed.tsv comity_alone REGEX "\\.cpp\t")
list(TRANSFORM comity_alone REPLACE "\t.*" "")

# comity_folder(NAME [SUBFOLDERS dir...] [USES comity_x...] [LINKS lib...])
function(comity_folder name)
  cmake_parse_arguments(F "" "" "SUBFOLDERS;USES;LINKS;TEST_LINKS" ${ARGN})
  set(patterns "*.cpp")
  foreach(sub ${F_SUBFOLDERS})
    list(APPEND patterns "${sub}/*.cpp")
  endforeach()
  file(GLOB all CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} ${patterns})
  set(sources ${all})
  list(FILTER sources EXCLUDE REGEX "_(test|fuzz|bench)\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "(^|/)(main|test_[a-z0-9_]+)\\.cpp$")
  set(tests ${all})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  set(fuzzers ${all})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")
  foreach(source ${sources})
    get_filename_component(file ${source} NAME)
    if("${name}/${file}" IN_LIST comity_alone)
      set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
  endforeach()

  if(NOT sources)
    add_library(comity_${name} INTERFACE)
    target_link_libraries(comity_${name} INTERFACE comity_options ${F_USES} ${F_LINKS})
  else()
    add_library(comity_${name} STATIC ${sources})
    target_link_libraries(comity_${name} PUBLIC comity_options ${F_USES} ${F_LINKS})
  endif()

  if(COMITY_TESTS AND tests)
    include(GoogleTest)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE comity_${name} comity_test_source_dir ${F_TEST_LINKS}
                          GTest::gtest_main)
    # Compiled once and run for seconds: -O2 costs more than what the code of tests gains by it.
    target_compile_options(${name}_test PRIVATE ${COMITY_TEST_FLAGS})
    gtest_discover_tests(${name}_test DISCOVERY_MODE PRE_TEST TEST_PREFIX "${name}."
                         PROPERTIES LABELS "unit" TIMEOUT 3600)
  endif()
  if(COMITY_BENCH)
    set(benches ${all})
    list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")
    foreach(bench ${benches})
      get_filename_component(target ${bench} NAME_WE)
      add_executable(${target} ${bench})
      target_link_libraries(${target} PRIVATE comity_${name})
    endforeach()
  endif()
  if(COMITY_FUZZ)
    foreach(fuzzer ${fuzzers})
      get_filename_component(target ${fuzzer} NAME_WE)
      add_executable(${target} ${fuzzer})
      target_link_libraries(${target} PRIVATE comity_${name})
      target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    endforeach()
  endif()
endfunction()

# comity_pages_object(NAME [DIST folder] [DEPENDS files]): an object library with web pages in it.
# The script itself knows whether npm has anything to do, and does not touch what stays as it is;
# it is asked whenever a file changed that the pages are made from.
function(comity_pages_object name)
  cmake_parse_arguments(P "" "DIST" "DEPENDS" ${ARGN})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${name})
  set(dist)
  if(P_DIST)
    set(dist --dist ${P_DIST})
  endif()
  add_custom_command(OUTPUT ${out}/pages.S
                     COMMAND ${CMAKE_SOURCE_DIR}/tools/build_pages ${out} ${dist}
                     DEPENDS ${CMAKE_SOURCE_DIR}/tools/build_pages ${P_DEPENDS}
                     COMMENT "Pages of ${name}" VERBATIM USES_TERMINAL)
  add_library(${name} OBJECT ${out}/pages.S)
endfunction()
