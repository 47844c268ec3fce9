#pragma once

#include <string>

namespace kusto::base
{

/// The value of an environment variable; empty if it is not set. All of the library reads them
/// here. Not to be called while another thread changes the environment.
[[nodiscard]] std::string environment_variable(char const* name);

} // namespace kusto::base
