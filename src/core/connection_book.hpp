#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kusto::core
{

/// How many idle connections are kept, and for how long.
class connection_limits
{
public:
    using duration = std::chrono::steady_clock::duration;

    connection_limits(std::size_t per_host, duration idle_timeout, duration max_age)
        : per_host(per_host),
          idle_timeout(idle_timeout),
          max_age(max_age)
    {
    }

    std::size_t per_host;  ///< idle connections for one host; 0 keeps none
    duration idle_timeout; ///< since the connection was given back
    duration max_age;      ///< since the connection was opened
};

/// The arithmetic of a connection pool: which idle connection to take, which ones to close.
///
/// It knows connections by number only; the owner keeps the sockets and closes those that
/// `dropped()` names. The newest idle connection of a host is taken first, so that under falling
/// load the older ones expire.
///
/// \par Thread safety
/// None; time is a parameter.
class connection_book
{
public:
    using id = std::uint64_t;
    using time_point = std::chrono::steady_clock::time_point;

    explicit connection_book(connection_limits limits) : limits_(limits) {}

    /// Notes that `which` is idle. It is dropped at once when it is too old or none are kept; when
    /// its host has too many, the oldest is dropped.
    /// \param hint  the server's `Keep-Alive: timeout`; the connection is used up to a second less
    void give(std::string const& host, id which, time_point opened,
              std::optional<std::chrono::seconds> hint, time_point now);

    /// The newest idle connection of `host` that has not expired; it leaves the book.
    [[nodiscard]] std::optional<id> take(std::string const& host, time_point now);

    /// Drops everything that has expired, of all hosts.
    void expire(time_point now);

    /// Drops everything.
    void clear();

    /// What left the book other than by `take`, since the last call.
    [[nodiscard]] std::vector<id> dropped();

    /// Idle connections in the book.
    [[nodiscard]] std::size_t size() const noexcept;

private:
    struct entry
    {
        id which;
        time_point usable_until;
    };

    connection_limits limits_;
    std::map<std::string, std::vector<entry>> hosts_;
    std::vector<id> dropped_;
};

} // namespace kusto::core
