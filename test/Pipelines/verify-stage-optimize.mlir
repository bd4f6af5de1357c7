// RUN: %qcc-opt --qcc-verify-stage=stage=optimize %s -verify-diagnostics -o /dev/null
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{a constant without a use is left after optimization}}
  %0 = qnn.constant dense<1.0> : tensor<4xf32> as tensor<4xf32>
  return %x : tensor<4xf32>
}
