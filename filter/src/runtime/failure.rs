//! Why a run of a graph failed, as far as something can be done about it.

use ort::ErrorCode;

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// There was too little memory: a smaller batch may do.
    Memory(String),
    /// The device or its driver failed: another place may do.
    Device(String),
    /// The graph itself, or what went in.
    Graph(String),
}

/// What CUDA, cuBLAS, cuDNN, ONNX Runtime's arena and the C++ library say where memory ran out.
const MEMORY: &[&str] = &["out of memory", "failed to allocate memory", "alloc_failed", "bad_alloc", "bad allocation"];

/// How ONNX Runtime begins to tell of errors of the libraries it calls.
const DEVICE: &[&str] = &["cuda failure", "cuda error", "cublas failure", "cudnn failure", "tensorrt ep", "cudaerror"];

impl Failure {
    pub(super) fn of(error: &ort::Error) -> Self {
        Self::told(error.message(), error.code() == ErrorCode::ExecutionProviderFailure)
    }

    fn told(message: &str, is_provider: bool) -> Self {
        let (lower, message) = (message.to_lowercase(), message.to_owned());
        let says = |any: &[&str]| any.iter().any(|part| lower.contains(part));
        if says(MEMORY) {
            Self::Memory(message)
        } else if is_provider || says(DEVICE) {
            Self::Device(message)
        } else {
            Self::Graph(message)
        }
    }

    pub(super) fn message(&self) -> &str {
        match self {
            Self::Memory(message) | Self::Device(message) | Self::Graph(message) => message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_onnx_runtime_says_is_told_apart() {
        for (message, is_provider, kind) in [
            ("Failed to allocate memory for requested buffer of size 1073741824", false, "memory"),
            ("CUDA failure 2: out of memory ; GPU=0 ; hostname=x ; file=cuda_allocator.cc", false, "memory"),
            ("CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0", true, "memory"),
            ("std::bad_alloc", false, "memory"),
            ("CUDA failure 700: an illegal memory access was encountered ; GPU=0", false, "device"),
            ("CUDNN failure 4: CUDNN_STATUS_INTERNAL_ERROR ; GPU=0", false, "device"),
            ("TensorRT EP failed to create engine from network.", true, "device"),
            ("anything", true, "device"),
            ("Got invalid dimensions for input: pixel_values", false, "graph"),
        ] {
            let found = match Failure::told(message, is_provider) {
                Failure::Memory(_) => "memory",
                Failure::Device(_) => "device",
                Failure::Graph(_) => "graph",
            };
            assert_eq!(found, kind, "{message}");
        }
    }
}
