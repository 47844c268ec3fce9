# Functions that define the project's targets, so that every folder's CMakeLists.txt is a list of
# files and nothing else.

if(KUSTO_SANITIZE)
    set(kusto_sanitizer_flags -fsanitize=${KUSTO_SANITIZE})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND KUSTO_SANITIZE MATCHES "undefined")
        # clang 14 cannot compile templates of coroutines with this check ("Cannot represent a
        # difference across sections").
        list(APPEND kusto_sanitizer_flags -fno-sanitize=function)
    endif()
    add_compile_options(${kusto_sanitizer_flags} -fno-omit-frame-pointer)
    add_link_options(${kusto_sanitizer_flags})
    if(KUSTO_SANITIZE MATCHES "undefined")
        add_compile_options(-fno-sanitize-recover=undefined)
    endif()
endif()

# Line tables are enough for stack traces; full debug information doubles build time and size.
string(REPLACE "-g" "-g1" CMAKE_CXX_FLAGS_DEBUG "${CMAKE_CXX_FLAGS_DEBUG}")
string(REPLACE "-g" "-g1" CMAKE_CXX_FLAGS_RELWITHDEBINFO "${CMAKE_CXX_FLAGS_RELWITHDEBINFO}")

find_program(KUSTO_CCACHE ccache)
if(PROJECT_IS_TOP_LEVEL AND KUSTO_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${KUSTO_CCACHE})
endif()

function(kusto_warnings target)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic
        $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local> -Woverloaded-virtual -Wimplicit-fallthrough)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # Fires falsely in Asio's recycling allocator.
        target_compile_options(${target} PRIVATE -Wno-mismatched-new-delete)
        if(KUSTO_SANITIZE)
            # False positives that appear only with sanitizer instrumentation.
            target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized -Wno-tsan)
        endif()
    endif()
    if(KUSTO_WARNINGS_AS_ERRORS)
        target_compile_options(${target} PRIVATE -Werror)
    endif()
endfunction()

# kusto_component(NAME SOURCES ... [LINK ...])
# One folder of src/ as an object library kusto_NAME; all of them together make the archive.
function(kusto_component name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
    add_library(kusto_${name} OBJECT ${ARG_SOURCES})
    target_include_directories(kusto_${name} PUBLIC
        ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(kusto_${name} PUBLIC Boost::headers Threads::Threads ${ARG_LINK})
    kusto_warnings(kusto_${name})
endfunction()

# kusto_test(NAME SOURCES ... [LINK ...] [LABELS ...] [TIMEOUT seconds])
# A Boost.Test executable. Sources do not define main: tests/support/main.cpp does.
# LINK names what it needs; components (kusto_text ...) are linked as objects.
function(kusto_test name)
    cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(${name} PRIVATE ${ARG_LINK} kusto_test_main)
    kusto_warnings(${name})
    add_test(NAME ${name} COMMAND ${name} --log_level=message)
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 120)
    endif()
    set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
endfunction()
