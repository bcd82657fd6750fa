internal import TOMLKit
internal import ServiceLifecycle
internal import Logging
