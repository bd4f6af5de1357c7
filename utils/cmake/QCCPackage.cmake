# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# The Debian package: cpack -G DEB in the build directory. All of the install tree under
# /usr; the shared libraries of LLVM and MLIR are Debian's.

install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
install(FILES ${PROJECT_SOURCE_DIR}/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME qcc)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The qcc developers <qcc@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "ahead-of-time compiler for quantized neural networks")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"qcc reads a trained model (.tflite, .onnx) and writes code that needs no interpreter, no heap
and no library: an object or static library with a C header, for x86, ARM and RISC-V.
.
This package holds the programs qcc, qcc-opt, qcc-translate and qcc-lsp-server, the compiler
as a library for C and C++, a plug-in for mlir-opt, and a CMake package.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
# Said rather than asked of dpkg-shlibdeps, which takes ten minutes for the symbols of libMLIR.
set(llvm ${LLVM_VERSION_MAJOR})
set(CPACK_DEBIAN_PACKAGE_DEPENDS
  "libmlir-${llvm} (>= 1:${llvm}.${LLVM_VERSION_MINOR}), libllvm${llvm} (>= 1:${llvm}.${LLVM_VERSION_MINOR}), libprotobuf-lite32, libc6 (>= 2.36), libgcc-s1, libstdc++6 (>= 12)")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "clang-${llvm}, lld-${llvm}") # for --emit=exe
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "libmlir-${llvm}-dev, llvm-${llvm}-dev, mlir-${llvm}-tools, cmake")
include(CPack)
