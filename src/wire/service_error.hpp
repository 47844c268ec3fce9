#pragma once

#include <wire/http.hpp>
#include <wire/json.hpp>

namespace kusto::wire
{

/// The failure that one OneApi error object describes, in an error reply or inside of a result.
[[nodiscard]] failure one_api_failure(reply const& from, json::value const& error);

} // namespace kusto::wire
