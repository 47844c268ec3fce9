#pragma once

#include <options/credential_data.hpp>
#include <string>
#include <vector>

namespace kusto::options
{

/// What is wrong with the values, one sentence each, without any secret. Reads certificate files.
[[nodiscard]] std::vector<std::string> problems_of(detail::credential_data const& data);

} // namespace kusto::options
