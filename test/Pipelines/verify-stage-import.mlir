// RUN: %qcc-opt --qcc-verify-stage=stage=import %s -split-input-file -verify-diagnostics -o /dev/null

// expected-error @below {{a model's module holds functions with bodies, not 'func.func'}}
func.func private @declaration(tensor<4xf32>)

// -----

// expected-error @below {{argument 0 is 'tensor<?xf32>', expected a static tensor}}
func.func @dynamic(%x: tensor<?xf32>) {
  return
}

// -----

func.func @foreign(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{operation 'arith.negf' is not of the qnn dialect, and does not say what it computes}}
  %0 = arith.negf %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// expected-error @below {{a tensor of type 'tensor<4611686018427387904xf32>' is larger than 2147483648 bytes}}
func.func @argument(%x: tensor<4611686018427387904xf32>) {
  return
}

// -----

func.func @result(%x: tensor<65536x1xf32>, %y: tensor<1x8193xf32>) {
  // expected-error @below {{a tensor of type 'tensor<65536x8193xf32>' is larger than 2147483648 bytes}}
  %0 = qnn.add %x, %y : (tensor<65536x1xf32>, tensor<1x8193xf32>) -> tensor<65536x8193xf32>
  return
}
