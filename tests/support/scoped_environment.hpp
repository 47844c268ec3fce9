#pragma once

#include <cstdlib>
#include <map>
#include <optional>
#include <string>

namespace kusto::test
{

/// Changes environment variables and restores them at its end. For single-threaded tests.
class scoped_environment
{
public:
    scoped_environment() = default;
    scoped_environment(scoped_environment const&) = delete;
    scoped_environment& operator=(scoped_environment const&) = delete;
    ~scoped_environment()
    {
        for (auto const& [name, value] : before_)
        {
            if (value)
                ::setenv(name.c_str(), value->c_str(), 1);
            else
                ::unsetenv(name.c_str());
        }
    }

    void set(std::string const& name, std::string const& value)
    {
        keep(name);
        ::setenv(name.c_str(), value.c_str(), 1);
    }
    void unset(std::string const& name)
    {
        keep(name);
        ::unsetenv(name.c_str());
    }

private:
    void keep(std::string const& name)
    {
        char const* const value = std::getenv(name.c_str());
        before_.try_emplace(name,
                            value == nullptr ? std::nullopt : std::optional<std::string>(value));
    }

    std::map<std::string, std::optional<std::string>> before_;
};

} // namespace kusto::test
