#pragma once

#include <base/secret.hpp>
#include <cstddef>
#include <string>

namespace kusto::detail
{

struct tls_certificate_data
{
    /// Of a file, in bytes.
    static constexpr std::size_t limit = std::size_t(1) << 20;

    std::string path;     ///< or else
    base::secret content; ///< PEM or PFX
    base::secret password;
};

} // namespace kusto::detail
