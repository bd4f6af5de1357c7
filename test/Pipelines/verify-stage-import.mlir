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
