// RUN: %qcc-opt --split-input-file --verify-diagnostics %s

// expected-error @below {{'qnn.variable' op value has shape [2], but the variable [1, 2]}}
qnn.variable @a dense<0> : tensor<2xi8> as tensor<1x2x!quant.uniform<i8:f32, 0.5>>

// -----

// expected-error @below {{'qnn.variable' op value has elements of 'i32', but the variable is stored as 'i8'}}
qnn.variable @a dense<0> : tensor<2xi32> as tensor<2x!quant.uniform<i8:f32, 0.5>>

// -----

func.func @unknown() {
  // expected-error @below {{names @a, which is no variable}}
  %0 = qnn.read_variable @a : tensor<2xf32>
  return
}

// -----

// expected-note @below {{the variable is here}}
qnn.variable @a dense<0.0> : tensor<2xf32> as tensor<2xf32>
func.func @read() {
  // expected-error @below {{reads a 'tensor<3xf32>', but the variable is 'tensor<2xf32>'}}
  %0 = qnn.read_variable @a : tensor<3xf32>
  return
}

// -----

// expected-note @below {{the variable is here}}
qnn.variable @a dense<0> : tensor<2xi8> as tensor<2x!quant.uniform<i8:f32, 0.5>>
func.func @assign(%x: tensor<2x!quant.uniform<i8:f32, 0.25>>) {
  // expected-error @below {{assigns a 'tensor<2x!quant.uniform<i8:f32, 2.500000e-01>>', but the variable is 'tensor<2x!quant.uniform<i8:f32, 5.000000e-01>>'}}
  qnn.assign_variable @a, %x : tensor<2x!quant.uniform<i8:f32, 0.25>>
  return
}
