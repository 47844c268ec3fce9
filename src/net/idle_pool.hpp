#pragma once

#include <chrono>
#include <core/connection_book.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <net/stream.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kusto::net
{

/// A connection that is not in use by anyone else.
class connection
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    connection(std::unique_ptr<stream> io, time_point opened) : io(std::move(io)), opened(opened) {}

    std::unique_ptr<stream> io;
    time_point opened;
    /// It has carried a request before.
    bool reused = false;
};

/// The idle connections of a transport.
///
/// Expired ones are closed when any connection is taken or given; no timer of its own keeps the
/// context busy.
///
/// \par Thread safety
/// All members may be called from any thread.
class idle_pool
{
public:
    explicit idle_pool(core::connection_limits limits) : book_(limits) {}

    /// The newest idle connection to `host` whose peer has not closed it.
    [[nodiscard]] std::optional<connection> take(std::string const& host);
    void give(std::string const& host, connection idle, std::optional<std::chrono::seconds> hint);
    /// Closes everything; what is given later is closed at once.
    void shutdown() noexcept;

private:
    using streams = std::vector<std::unique_ptr<stream>>;

    struct idler
    {
        std::unique_ptr<stream> io;
        connection::time_point opened;
    };

    std::optional<connection> pop(std::string const& host, streams& unwanted);
    /// What the book has dropped; closed by the caller, outside of the lock.
    void collect(streams& unwanted);

    std::mutex mutex_;
    core::connection_book book_;
    std::map<core::connection_book::id, idler> idle_;
    core::connection_book::id next_id_ = 0;
    bool shut_ = false;
};

} // namespace kusto::net
