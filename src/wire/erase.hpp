#pragma once

#include <string>
#include <string_view>

namespace kusto::wire
{

/// `text` with every occurrence of `secret` replaced by `REDACTED`: as it is, percent-encoded (with
/// digits of either case, and `+` for blanks), and as JSON and HTML escape it. One that
/// is written in several of these ways at a time is found unless it holds a `%`, `+`, `\` or `&`.
/// For texts of servers, which may repeat what they were sent. To be done before they are cut: a
/// part of a secret is not recognised. Takes time in proportion to the two lengths: who wrote the
/// text may have chosen the secret as well.
[[nodiscard]] std::string without(std::string_view text, std::string_view secret);

} // namespace kusto::wire
