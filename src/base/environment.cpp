#include <base/environment.hpp>

#include <cstdlib>

namespace kusto::base
{

std::string environment_variable(char const* name)
{
    char const* const value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

} // namespace kusto::base
