#pragma once

#include <kusto/error.hpp>
#include <string>
#include <utility>

namespace kusto::text
{

/// For values and records that cannot be encoded.
[[noreturn]] inline void throw_encode_error(errc code, std::string message)
{
    throw error(failure(code, stage::encode, std::move(message)));
}

/// At most 60 characters of a text for a message, cut at a character, control characters replaced.
[[nodiscard]] std::string excerpt(std::string_view text);

} // namespace kusto::text
