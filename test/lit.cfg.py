# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# The lit suite: programs under test, FileCheck's strict options and the features
# that a test may require. A test that needs a feature which this machine lacks
# is reported as UNSUPPORTED, which ctest shows as skipped, by name.

import os
import sys

import lit.formats

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
import host

config.name = "qcc"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "lib", "unit", "data"]
config.test_source_root = os.path.dirname(__file__)

bin_dir = os.path.join(config.qcc_binary_dir, "bin")
data_dir = host.dataDirectory(config.qcc_source_dir)

config.environment["PATH"] = os.pathsep.join(
    [bin_dir, config.llvm_tools_dir, os.environ.get("PATH", "/usr/bin:/bin")])
config.environment["FILECHECK_OPTS"] = (
    "-enable-var-scope --allow-unused-prefixes=false")
for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "NO_COLOR"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

# The longest names first: lit replaces textually, in this order.
config.substitutions.append(("%qcc-translate", os.path.join(bin_dir, "qcc-translate")))
config.substitutions.append(("%qcc-lsp-server", os.path.join(bin_dir, "qcc-lsp-server")))
config.substitutions.append(("%qcc-opt", os.path.join(bin_dir, "qcc-opt")))
config.substitutions.append((r"%qcc(?![-_a-zA-Z])", os.path.join(bin_dir, "qcc")))
config.substitutions.append(("%plugin", os.path.join(config.qcc_binary_dir, "lib", "QCCPlugin.so")))
config.substitutions.append(("%llvm", config.llvm_tools_dir))
config.substitutions.append(("%python", "/usr/bin/python3"))
config.substitutions.append(("%data", data_dir))
config.substitutions.append(("%shipped", os.path.join(config.test_source_root, "data")))
config.substitutions.append(("%source", config.qcc_source_dir))

config.available_features.update(host.features(data_dir))
