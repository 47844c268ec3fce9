#pragma once

#include <cstdint>
#include <functional>
#include <kusto/error.hpp>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace kusto
{

/// How much something matters. `trace`: every request. `debug`: every batch, token and refresh.
/// `info`: rare changes of state. `warning`: trouble that the library deals with. `error`: data
/// that was not delivered.
enum class log_level
{
    trace,
    debug,
    info,
    warning,
    error,
    off, ///< as a limit: log nothing
};

[[nodiscard]] std::string_view to_string(log_level level) noexcept;

/// One named value of a log event. Refers to text; valid during the call only.
class log_field
{
public:
    using value_type = std::variant<std::string_view, std::int64_t, std::uint64_t, double>;

    log_field(std::string_view name_, std::string_view text) : name(name_), value(text) {}
    log_field(std::string_view name_, std::string const& text)
        : name(name_),
          value(std::string_view(text))
    {
    }
    log_field(std::string_view name_, char const* text) : name(name_), value(std::string_view(text))
    {
    }
    log_field(std::string_view name_, std::int64_t number) : name(name_), value(number) {}
    log_field(std::string_view name_, std::uint64_t number) : name(name_), value(number) {}
    log_field(std::string_view name_, int number) : name(name_), value(std::int64_t(number)) {}
    log_field(std::string_view name_, double number) : name(name_), value(number) {}

    std::string_view name; ///< snake_case; durations end in `_ms`, sizes in `_bytes`
    value_type value;
};

/// Something that happened. Refers to memory of the caller: valid during the call only.
///
/// Neither message nor fields hold a secret: addresses are without query, and tokens, keys and
/// signatures never get here. Texts of the service (`server_text`) may contain user data.
class log_event
{
public:
    log_event(log_level level_, stage where_, std::string_view message_,
              std::span<log_field const> fields_)
        : level(level_),
          where(where_),
          message(message_),
          fields(fields_)
    {
    }

    log_level level;
    stage where;              ///< part of the pipeline
    std::string_view message; ///< constant text for each kind of event, so that one can search it
    std::span<log_field const> fields;
};

/// One line of `name=value` pairs: level, stage, message, fields; texts quoted where needed.
[[nodiscard]] std::string to_text(log_event const& event);

/// Receives log events.
///
/// Called on the thread where the event happens, possibly on several threads at once and while a
/// strand waits: it should hand the event on quickly. It must not throw; what it throws is ignored.
/// It may call the sink's `statistics`, and nothing of the sink that waits. It may be called until
/// the executor's context has stopped or run dry, also after client and sink were destroyed.
using log_function = std::function<void(log_event const&)>;

} // namespace kusto
