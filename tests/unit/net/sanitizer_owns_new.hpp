#pragma once

// AddressSanitizer tells apart what each form of `new` gave; a test that replaces some of them must
// leave all of them alone then.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZER_OWNS_NEW
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZER_OWNS_NEW
#endif
