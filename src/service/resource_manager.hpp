#pragma once

#include <async/single_flight.hpp>
#include <base/time_text.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <core/account_ranking.hpp>
#include <core/cache_state.hpp>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <service/management_client.hpp>
#include <service/service_context.hpp>
#include <string>
#include <string_view>
#include <vector>
#include <wire/resources.hpp>

namespace kusto::service
{

/// What the ingestion service offered at one time. Immutable: whoever holds it may go on using it
/// while newer ones are published.
class resource_snapshot
{
public:
    resource_snapshot(wire::ingestion_resources resources_, std::string identity_token_,
                      base::utc_time_point fetched_at_, async::clock::time_point received_at_)
        : resources(std::move(resources_)),
          identity_token(std::move(identity_token_)),
          fetched_at(fetched_at_),
          received_at(received_at_)
    {
    }

    /// End of a resource's signature on the steady clock: the wall clock counted only when the
    /// snapshot was made. Nothing when the signature does not say, or had ended already then: the
    /// clocks disagree, and the service's refusals decide.
    [[nodiscard]] std::optional<async::clock::time_point>
    end_of(wire::storage_resource const& resource) const;

    wire::ingestion_resources resources;
    std::string identity_token; ///< secret
    base::utc_time_point fetched_at;
    async::clock::time_point received_at; ///< the same moment
};

using snapshot_ptr = std::shared_ptr<resource_snapshot const>;

/// Containers, queues and identity token of one ingestion service, cached stale-while-revalidate,
/// and the ranking of their storage accounts.
///
/// A snapshot is renewed in the background after half of `retry_options::cache_expiration` or half
/// the time to the earliest end of a signature. From `cache_expiration` on it is used only when no
/// newer one can be had, and not at all shortly before that end. A failed renewal, or one that
/// lists nothing, keeps the old snapshot.
///
/// Owned by a `shared_ptr`; `stop` ends what runs in the background.
///
/// \par Thread safety
/// Shared objects: safe. The mutex is held for a few instructions only.
class resource_manager : public std::enable_shared_from_this<resource_manager>
{
public:
    resource_manager(std::shared_ptr<service_context const> context,
                     std::shared_ptr<management_client const> ingestion);

    /// The current snapshot: at once and without a change of executor unless there is none.
    /// Errors: those of the commands, stage resources; `errc::no_resources`; `errc::timed_out`;
    /// `errc::closed`. Cancellation: terminal; ends the wait, not the shared request.
    [[nodiscard]] boost::asio::awaitable<result<snapshot_ptr>> get(deadline until);

    /// A storage service refused an address or signature of `refused` (403, 404): the snapshot that
    /// replaced it, if there is one, or else a new one. Asks the service at most once in 30 s for
    /// all callers together; in between, and when that fails or takes longer than 30 s, the current
    /// one is the answer while it is usable. Errors and cancellation as `get`.
    [[nodiscard]] boost::asio::awaitable<result<snapshot_ptr>> replace(snapshot_ptr refused,
                                                                       deadline until);

    /// Order in which to try `resources`, best first, as indexes.
    [[nodiscard]] std::vector<std::size_t>
    order(std::vector<wire::storage_resource> const& resources) const;

    /// A request to a storage account ended in a way that says something about the account.
    void record(std::string_view account, bool success);

    /// An account asked to be left alone until `until`.
    void rest(std::string_view account, async::clock::time_point until);

    /// The time until which an account asked to be left alone; in the past if it did not.
    [[nodiscard]] async::clock::time_point resting_until(std::string_view account) const;

    /// Ends what is under way; waiting and later callers get `errc::closed`.
    void stop() noexcept;

private:
    using advice = core::cache_state::advice;

    class refresh_mark;

    /// `unwanted`: not an answer, however fresh it looks.
    [[nodiscard]] boost::asio::awaitable<result<snapshot_ptr>>
    refresh_and_wait(snapshot_ptr unwanted, deadline until);
    /// The same, but with the current snapshot, if it is usable, when nothing newer comes in time.
    [[nodiscard]] boost::asio::awaitable<result<snapshot_ptr>>
    refresh_or_keep(snapshot_ptr unwanted, deadline until);
    [[nodiscard]] async::single_flight<snapshot_ptr>::operation
    refresh_operation(snapshot_ptr unwanted);
    [[nodiscard]] static boost::asio::awaitable<result<snapshot_ptr>>
    refresh(std::shared_ptr<resource_manager> self, snapshot_ptr unwanted);
    [[nodiscard]] boost::asio::awaitable<result<resource_snapshot>> fetch();
    void start_background_refresh();
    void publish(snapshot_ptr fresh);
    /// What a failed refresh means, and what to do where the host's name cannot tell.
    [[nodiscard]] failure judged(failure why) const;
    void note_failure(failure const& why);
    [[nodiscard]] snapshot_ptr usable_snapshot() const;
    [[nodiscard]] std::optional<result<snapshot_ptr>>
    known_answer(snapshot_ptr const& unwanted) const;
    [[nodiscard]] failure closed() const;

    std::shared_ptr<service_context const> context_;
    std::shared_ptr<management_client const> ingestion_;
    boost::asio::any_io_executor strand_;
    async::single_flight<snapshot_ptr> flight_; // on the strand

    mutable std::mutex mutex_; // guards everything below
    core::cache_state state_;
    core::account_ranking ranking_;
    snapshot_ptr snapshot_;
    async::clock::time_point next_forced_{};
    bool refreshing_ = false;
    bool stopped_ = false;
};

} // namespace kusto::service
