#pragma once

#include <async/clock.hpp>
#include <async/offload.hpp>
#include <base/logger.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <kusto/options.hpp>
#include <kusto/table.hpp>
#include <kusto/write_ahead_options.hpp>
#include <memory>
#include <service/client_state.hpp>
#include <service/management_client.hpp>
#include <string>
#include <string_view>

namespace kusto::commit
{

/// Called when the sink comes to a crash point of the delivery guarantees' table, with its name; tests kill
/// the process there. Empty in production.
using crash_point_function = std::function<void(std::string_view point)>;

/// What every part of committing needs. Immutable and shared; everything runs on one strand.
class commit_context
{
public:
    std::shared_ptr<detail::client_state> client;
    write_options records = write_options("", "");
    write_ahead_options options = write_ahead_options("", "");
    std::string owner;                    ///< of the ledger: tells two ledgers of one job apart
    boost::asio::any_io_executor files;   ///< threads that may block
    std::shared_ptr<async::wake_permit> permit;
    crash_point_function crash_point;
    deadline limit = deadline::never(); ///< of every command

    void reached(std::string_view point) const
    {
        if (crash_point)
            crash_point(point);
    }
    // Two ledgers of one job, one after the other, must not take each other's stages and tags, nor
    // late messages, for their own.
    [[nodiscard]] std::string short_owner() const { return owner.substr(0, 8); }
    [[nodiscard]] std::string tag_job() const { return options.job() + "/" + short_owner(); }
    [[nodiscard]] std::string stage_job() const { return options.job() + "_" + short_owner(); }

    [[nodiscard]] async::clock& time() const noexcept { return client->context()->time; }
    [[nodiscard]] base::logger const& log() const noexcept { return client->log(); }
    [[nodiscard]] double random() const { return client->context()->random->next(); }
    [[nodiscard]] std::string const& table() const noexcept { return records.table(); }

    /// A control command that does no harm when it is executed twice, in the target's database.
    [[nodiscard]] boost::asio::awaitable<result<kusto::table>> repeatable(std::string command) const
    {
        return client->engine().execute(records.database(), std::move(command), limit,
                                        stage::commit, service::repetition::idempotent);
    }
    /// One that does.
    [[nodiscard]] boost::asio::awaitable<result<kusto::table>> once(std::string command) const
    {
        return client->engine().execute(records.database(), std::move(command), limit,
                                        stage::commit, service::repetition::not_executed);
    }
    [[nodiscard]] boost::asio::awaitable<result<kusto::table>> query(std::string text) const
    {
        return client->engine().query(records.database(), std::move(text), limit);
    }
};

} // namespace kusto::commit
