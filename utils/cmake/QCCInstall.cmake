# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Install and export: headers, libraries, tools, and a package that find_package(QCC)
# finds, in the install tree as in the build tree.

include(CMakePackageConfigHelpers)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h" PATTERN "*.td")
install(DIRECTORY ${PROJECT_BINARY_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.inc" PATTERN "CMakeFiles" EXCLUDE)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/QCC)
set(package_in ${PROJECT_SOURCE_DIR}/utils/cmake/QCCConfig.cmake.in)
set(package_paths QCC_EXECUTABLE QCC_C_LIBRARY QCC_PLUGIN QCC_RUNTIME_INCLUDE_DIR QCC_CMAKE_MODULES QCC_TARGETS_DIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/QCCConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)

# The install tree: paths relative to where it was unpacked.
set(QCC_EXECUTABLE ${CMAKE_INSTALL_BINDIR}/qcc)
set(QCC_C_LIBRARY ${CMAKE_INSTALL_LIBDIR}/libQCC-C.so)
set(QCC_PLUGIN ${CMAKE_INSTALL_LIBDIR}/QCCPlugin.so)
set(QCC_RUNTIME_INCLUDE_DIR ${CMAKE_INSTALL_INCLUDEDIR})
set(QCC_CMAKE_MODULES ${package_dir})
set(QCC_TARGETS_DIR ${package_dir})
configure_package_config_file(${package_in} ${PROJECT_BINARY_DIR}/install/QCCConfig.cmake
  INSTALL_DESTINATION ${package_dir} PATH_VARS ${package_paths})
install(FILES
  ${PROJECT_BINARY_DIR}/install/QCCConfig.cmake
  ${PROJECT_BINARY_DIR}/QCCConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/utils/cmake/QCCModel.cmake
  DESTINATION ${package_dir})
install(EXPORT QCCTargets NAMESPACE QCC:: DESTINATION ${package_dir})

# The build tree: find_package(QCC PATHS build).
set(QCC_EXECUTABLE ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/qcc)
set(QCC_C_LIBRARY ${CMAKE_LIBRARY_OUTPUT_DIRECTORY}/libQCC-C.so)
set(QCC_PLUGIN ${CMAKE_LIBRARY_OUTPUT_DIRECTORY}/QCCPlugin.so)
set(QCC_RUNTIME_INCLUDE_DIR ${PROJECT_SOURCE_DIR}/include)
set(QCC_CMAKE_MODULES ${PROJECT_SOURCE_DIR}/utils/cmake)
set(QCC_TARGETS_DIR ${PROJECT_BINARY_DIR})
configure_package_config_file(${package_in} ${PROJECT_BINARY_DIR}/QCCConfig.cmake
  INSTALL_DESTINATION ${PROJECT_BINARY_DIR} INSTALL_PREFIX ${PROJECT_BINARY_DIR}
  PATH_VARS ${package_paths})
export(EXPORT QCCTargets NAMESPACE QCC:: FILE ${PROJECT_BINARY_DIR}/QCCTargets.cmake)
