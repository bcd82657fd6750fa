internal import Hummingbird
internal import HummingbirdTLS
internal import Mustache
internal import X509
internal import CryptoExtras
internal import TOMLKit
