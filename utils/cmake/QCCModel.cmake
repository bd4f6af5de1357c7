# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# qcc_add_model(): a compiled neural network as a CMake library.

# qcc_add_model(<target> MODEL <file> [NAME <prefix>] [TRIPLE <triple>] [MCPU <cpu>] [MATTR <features>]
#               [OPTIONS <option> …])
#
# Compiles MODEL with qcc to a static library and its C header, and makes <target> a library that
# brings both: after target_link_libraries(program PRIVATE <target>) the program includes "<prefix>.h"
# and calls <prefix>_run(). The prefix is NAME, else <target>.
#
# Without TRIPLE the code is for the machine that builds (--mcpu=native unless MCPU says other); when
# cross-compiling, CMAKE_C_COMPILER_TARGET is taken, and it is an error if neither is set.
function(qcc_add_model target)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "MODEL;NAME;TRIPLE;MCPU;MATTR" "OPTIONS")
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "qcc_add_model(${target}): unknown argument ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT ARG_MODEL)
    message(FATAL_ERROR "qcc_add_model(${target}): MODEL <file> is missing")
  endif()
  get_filename_component(model "${ARG_MODEL}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
  if(NOT ARG_NAME)
    set(ARG_NAME ${target})
  endif()
  if(NOT ARG_TRIPLE AND CMAKE_CROSSCOMPILING)
    if(NOT CMAKE_C_COMPILER_TARGET)
      message(FATAL_ERROR "qcc_add_model(${target}): cross-compiling for an unknown machine; say TRIPLE, "
        "for example TRIPLE thumbv7em-none-eabihf MCPU cortex-m4")
    endif()
    set(ARG_TRIPLE ${CMAKE_C_COMPILER_TARGET})
  endif()

  set(options --name=${ARG_NAME} ${ARG_OPTIONS})
  if(ARG_TRIPLE)
    list(APPEND options --target=${ARG_TRIPLE})
  endif()
  if(ARG_MCPU)
    list(APPEND options --mcpu=${ARG_MCPU})
  endif()
  if(ARG_MATTR)
    list(APPEND options --mattr=${ARG_MATTR})
  endif()

  set(directory ${CMAKE_CURRENT_BINARY_DIR}/${target}.qcc)
  set(library ${directory}/lib${ARG_NAME}.a)
  set(header ${directory}/${ARG_NAME}.h)
  file(MAKE_DIRECTORY ${directory})
  add_custom_command(
    OUTPUT ${library} ${header}
    COMMAND QCC::qcc ${model} ${options} --emit=lib -o ${library} --header=${header}
    DEPENDS ${model} QCC::qcc
    COMMENT "Compiling ${ARG_MODEL} with qcc"
    VERBATIM)
  add_custom_target(${target}-generate DEPENDS ${library} ${header})

  add_library(${target} INTERFACE)
  add_dependencies(${target} ${target}-generate)
  target_include_directories(${target} INTERFACE ${directory} ${QCC_RUNTIME_INCLUDE_DIR})
  target_link_libraries(${target} INTERFACE ${library})
  set_target_properties(${target} PROPERTIES INTERFACE_LINK_DEPENDS ${library})
endfunction()
