#pragma once

#include <base/time_text.hpp>
#include <string>
#include <wire/http.hpp>

namespace kusto::wire
{

/// What every storage request carries. No `Authorization`: the SAS is the credential.
[[nodiscard]] header_list storage_headers(std::string request_id, base::utc_time_point now);

} // namespace kusto::wire
