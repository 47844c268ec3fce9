#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kusto::base
{

/// RFC 3986: keeps letters, digits and `-._~`, encodes every other byte as `%XX`. For path
/// segments, query values and form fields.
[[nodiscard]] std::string percent_encode(std::string_view text);

/// The same at the end of `to`. Leaves no copy of a secret where `to` has the capacity.
void append_percent_encoded(std::string& to, std::string_view text);

/// Bytes that `percent_encode` makes of it.
[[nodiscard]] std::size_t percent_encoded_size(std::string_view text) noexcept;

/// As `percent_encode`, but keeps `/` as separator of path segments.
[[nodiscard]] std::string percent_encode_path(std::string_view text);

/// Nothing when a `%` is not followed by two hexadecimal digits. `+` stays `+`.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

/// Decoded value of a parameter of a query or form (`a=1&b=2`); nothing when it is absent or badly
/// encoded. Names are compared without regard to case.
[[nodiscard]] std::optional<std::string> query_parameter(std::string_view query,
                                                         std::string_view name);

} // namespace kusto::base
