# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Helpers that every CMakeLists.txt of qcc uses: one library kind, one tool kind,
# one place for include paths, warnings, sanitizers and the precompiled header.

include(GNUInstallDirs)

# Installed programs find libMLIR and libLLVM where the build found them.
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)

# The interface that every target of ours links: flags and include directories.
add_library(qcc_options INTERFACE)
target_compile_features(qcc_options INTERFACE cxx_std_17)
target_include_directories(qcc_options SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
target_include_directories(qcc_options INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
  $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
# -fPIC everywhere, programs too: the precompiled header is one for all.
target_compile_options(qcc_options INTERFACE
  $<BUILD_INTERFACE:-fPIC> $<BUILD_INTERFACE:$<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>>
  $<BUILD_INTERFACE:-Wall> $<BUILD_INTERFACE:-Wextra> $<BUILD_INTERFACE:-Wno-unused-parameter>
  $<BUILD_INTERFACE:-ffp-contract=off>)
if(QCC_WERROR)
  target_compile_options(qcc_options INTERFACE $<BUILD_INTERFACE:-Werror>)
endif()
if(QCC_SANITIZE)
  target_compile_options(qcc_options INTERFACE $<BUILD_INTERFACE:-fsanitize=address,undefined>
    $<BUILD_INTERFACE:-fno-sanitize=vptr,function> $<BUILD_INTERFACE:-fno-sanitize-recover=undefined>
    $<BUILD_INTERFACE:-fsanitize=fuzzer-no-link> # counts what is covered, for test/Fuzz/guided-import
    $<BUILD_INTERFACE:-fno-omit-frame-pointer>)
  target_link_options(qcc_options INTERFACE $<BUILD_INTERFACE:-fsanitize=address,undefined>)
endif()
install(TARGETS qcc_options EXPORT QCCTargets)

# One object library compiles the precompiled header of MLIR's heavy includes;
# every library that says MLIR reuses it.
set(QCC_PCH_SOURCE ${PROJECT_BINARY_DIR}/qcc_pch.cpp)
file(CONFIGURE OUTPUT ${QCC_PCH_SOURCE} CONTENT "")
add_library(qcc_pch OBJECT ${QCC_PCH_SOURCE})
target_link_libraries(qcc_pch PRIVATE qcc_options)
target_precompile_headers(qcc_pch PRIVATE ${PROJECT_SOURCE_DIR}/utils/cmake/MLIRPrecompiled.h)

# qcc_add_library(<name> [MLIR] SOURCES a.cpp … [LINK lib …] [DEPENDS target …])
# A static, exported library. MLIR: links the shared libMLIR/libLLVM, uses the PCH.
function(qcc_add_library name)
  cmake_parse_arguments(ARG "MLIR" "" "SOURCES;LINK;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC qcc_options ${ARG_LINK})
  if(ARG_MLIR)
    target_link_libraries(${name} PUBLIC MLIR LLVM)
    target_precompile_headers(${name} REUSE_FROM qcc_pch)
  endif()
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  install(TARGETS ${name} EXPORT QCCTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
endfunction()

# qcc_add_tool(<name> SOURCES … LINK …): a program in build/bin, installed.
function(qcc_add_tool name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE qcc_options ${ARG_LINK} MLIR LLVM)
  target_precompile_headers(${name} REUSE_FROM qcc_pch)
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()

# qcc_add_module(<name> SOURCES … LINK …): a library in build/lib that programs load at
# run time, installed. It shows its entry points and nothing else.
function(qcc_add_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} MODULE ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE qcc_options ${ARG_LINK} MLIR LLVM)
  target_link_options(${name} PRIVATE -Wl,--exclude-libs,ALL)
  target_compile_definitions(${name} PRIVATE QCC_VERSION="${PROJECT_VERSION}")
  set_target_properties(${name} PROPERTIES PREFIX "")
  install(TARGETS ${name} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endfunction()

# qcc_add_unittest(<name> SOURCES … LINK …): one gtest program, one ctest per case.
function(qcc_add_unittest name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE qcc_options ${ARG_LINK} GTest::gtest GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/test/unit)
  gtest_discover_tests(${name} TEST_PREFIX "unit/${name}/" DISCOVERY_TIMEOUT 60
    NO_PRETTY_VALUES)
endfunction()
