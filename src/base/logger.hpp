#pragma once

#include <initializer_list>
#include <kusto/error.hpp>
#include <kusto/log.hpp>
#include <memory>
#include <string_view>
#include <utility>

namespace kusto::base
{

/// Where the library's events go. A cheap value: copies share the user's function.
///
/// Check `wants` before building fields that cost something.
class logger
{
public:
    /// Logs nothing.
    logger() = default;
    logger(log_level least, log_function to)
        : least_(to ? least : log_level::off),
          to_(std::make_shared<log_function const>(std::move(to)))
    {
    }

    [[nodiscard]] bool wants(log_level level) const noexcept
    {
        return level >= least_ && least_ != log_level::off;
    }

    void operator()(log_level level, stage where, std::string_view message,
                    std::initializer_list<log_field> fields = {}) const noexcept;

    /// The same with the fields of a failure: code, stage, host, status, service code, ids,
    /// attempts, what is known of the data.
    void failed(log_level level, std::string_view message, failure const& why,
                std::initializer_list<log_field> fields = {}) const noexcept;

private:
    log_level least_ = log_level::off;
    std::shared_ptr<log_function const> to_;
};

} // namespace kusto::base
