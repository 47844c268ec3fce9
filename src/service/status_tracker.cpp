#include <service/status_tracker.hpp>

#include <algorithm>
#include <async/call_on.hpp>
#include <async/with_deadline.hpp>
#include <atomic>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <core/status_schedule.hpp>
#include <cstddef>
#include <iterator>
#include <optional>
#include <service/status_entry.hpp>
#include <service/storage_exchange.hpp>
#include <string>
#include <utility>
#include <wire/ingestion_status.hpp>

namespace kusto::service
{

namespace asio = boost::asio;
using namespace std::chrono_literals;
using wire::ingestion_state;
using wire::storage_action;

namespace
{

constexpr std::ptrdiff_t parallel_reads = 4;
constexpr std::ptrdiff_t parallel_reads_of_host = 2;
constexpr auto read_timeout = 10s;
constexpr int missing = 404;

failure unknown(errc code, base::guid const& source_id, std::string text)
{
    failure why(code, stage::ingest, std::move(text) + ": batch " + source_id.to_string());
    return why.outcome(outcome::unknown).attempts(1);
}

failure closed(base::guid const& source_id)
{
    return unknown(errc::closed, source_id, "the client was closed before the final status came");
}

} // namespace

/// A batch whose status is awaited.
class status_tracker::tracked
{
public:
    tracked(asio::any_io_executor strand, base::guid source_id_, base::url table_, deadline until_,
            core::status_schedule schedule_)
        : source_id(source_id_),
          table(std::move(table_)),
          until(until_),
          schedule(schedule_),
          done(std::move(strand))
    {
    }

    base::guid source_id;
    base::url table;
    deadline until;
    core::status_schedule schedule;
    async::event done;
    std::optional<result<ingestion_end>> outcome;
    bool reading = false;
    std::atomic<bool> abandoned = false; ///< nobody waits any more
};

/// A read under way.
class status_tracker::read_mark
{
public:
    explicit read_mark(tracked_ptr batch_) : batch(std::move(batch_)) { batch->reading = true; }

    tracked_ptr batch;
    bool in_transport = true; ///< counts against the limits
    asio::cancellation_signal stop;
};

status_tracker::status_tracker(std::shared_ptr<service_context const> context,
                               std::shared_ptr<resource_manager> resources)
    : context_(std::move(context)),
      resources_(std::move(resources)),
      strand_(asio::make_strand(context_->executor)),
      poller_(strand_, stage::ingest),
      wake_(strand_)
{
}

status_tracker::~status_tracker() = default;

asio::awaitable<result<ingestion_end>> status_tracker::wait(base::guid source_id, base::url table,
                                                            deadline until)
{
    /// However the wait ends, the poller need not go on.
    class abandonment
    {
    public:
        explicit abandonment(tracked_ptr one) : one_(std::move(one)) {}
        abandonment(abandonment const&) = delete;
        abandonment& operator=(abandonment const&) = delete;
        ~abandonment() { one_->abandoned = true; }

    private:
        tracked_ptr one_;
    };

    auto const self = shared_from_this();
    auto const now = context_->time.now();
    auto late = unknown(errc::outcome_unknown, source_id, "no final status came in time");
    late.host(table.authority());
    auto one = std::make_shared<tracked>(strand_, source_id, std::move(table), until,
                                         core::status_schedule(now, context_->random->next()));
    abandonment const guard(one);
    auto op = follow(self, one);
    auto end =
        co_await async::call_on(strand_, std::move(op), until, std::move(late), context_->time);
    co_return end;
}

asio::awaitable<result<ingestion_end>> status_tracker::follow(std::shared_ptr<status_tracker> self,
                                                              tracked_ptr one)
{
    if (self->stopped_)
        co_return closed(one->source_id);
    self->tracked_.push_back(one);
    self->wake_.set();
    self->poller_.start([self] { return poll(self); });
    co_await one->done.wait();
    co_return *one->outcome;
}

void status_tracker::stop() noexcept
{
    try
    {
        asio::post(strand_,
                   [self = shared_from_this()]
                   {
                       self->stopped_ = true;
                       self->poller_.stop();
                       auto const reads = self->reads_;
                       for (auto const& one : reads)
                           one->stop.emit(asio::cancellation_type::terminal);
                       self->finish_all();
                   });
    }
    catch (std::exception const&)
    {
        // Without memory for a message the batches are followed until their time is up.
    }
}

asio::awaitable<result<int>> status_tracker::poll(std::shared_ptr<status_tracker> self)
{
    self->drop_forgotten();
    while (!self->tracked_.empty())
    {
        self->wake_.reset();
        self->start_due();
        co_await self->pause();
        self->drop_forgotten();
    }
    co_return 0;
}

void status_tracker::drop_forgotten()
{
    auto const now = context_->time.now();
    auto const all = tracked_;
    for (auto const& one : all)
    {
        if (one->abandoned || one->until.passed(now))
            finish(*one, unknown(errc::outcome_unknown, one->source_id, "not waited for"));
    }
}

bool status_tracker::may_read(tracked const& one) const
{
    if (one.reading)
        return false;
    auto const same_host = [&one](read_mark_ptr const& other)
    { return other->in_transport && other->batch->table.host() == one.table.host(); };
    auto const any = [](read_mark_ptr const& other) { return other->in_transport; };
    auto const all = std::count_if(reads_.begin(), reads_.end(), any);
    return all < parallel_reads &&
           std::count_if(reads_.begin(), reads_.end(), same_host) < parallel_reads_of_host;
}

void status_tracker::start_due()
{
    auto const now = context_->time.now();
    std::vector<tracked_ptr> due;
    std::copy_if(tracked_.begin(), tracked_.end(), std::back_inserter(due),
                 [this, now](tracked_ptr const& one)
                 { return one->schedule.next() <= now && may_read(*one); });
    std::sort(due.begin(), due.end(),
              [](tracked_ptr const& a, tracked_ptr const& b)
              { return a->schedule.next() < b->schedule.next(); });
    for (auto const& one : due)
    {
        if (!may_read(*one))
            continue;
        auto const mark = std::make_shared<read_mark>(one);
        reads_.push_back(mark);
        tasks_.spawn(strand_, run_read(shared_from_this(), mark), mark->stop.slot(), mark);
    }
}

asio::awaitable<result<int>> status_tracker::woken()
{
    co_await wake_.wait();
    co_return 0;
}

/// Whatever may not be read now waits for a read to end, which wakes us.
asio::awaitable<void> status_tracker::pause()
{
    auto next = deadline::never();
    for (auto const& one : tracked_)
    {
        next = next.sooner(one->until);
        if (may_read(*one))
            next = next.sooner(deadline(one->schedule.next()));
    }
    failure nothing(errc::timed_out, stage::ingest, "nothing new to read");
    auto event = async::with_deadline(woken(), next, std::move(nothing), context_->time);
    (void)co_await std::move(event);
}

asio::awaitable<void> status_tracker::run_read(std::shared_ptr<status_tracker> self,
                                               read_mark_ptr mark)
{
    /// However the read ends, another one may follow.
    class end_of_read
    {
    public:
        end_of_read(status_tracker& owner, read_mark_ptr mark)
            : owner_(owner),
              mark_(std::move(mark))
        {
        }
        end_of_read(end_of_read const&) = delete;
        end_of_read& operator=(end_of_read const&) = delete;
        ~end_of_read()
        {
            mark_->batch->reading = false;
            std::erase(owner_.reads_, mark_);
        }

    private:
        status_tracker& owner_;
        read_mark_ptr mark_;
    };

    {
        end_of_read const guard(*self, mark);
        co_await self->read(*mark);
    }
    self->wake_.set();
}

asio::awaitable<void> status_tracker::read(read_mark& mark)
{
    auto const one = mark.batch;
    auto const snapshot = co_await resources_->get(limit_for(*one));
    auto const current = snapshot ? *snapshot : nullptr;
    // A table that is not listed any more: its last known signature may still do.
    auto const listed = current ? signed_again(*current, one->table) : std::nullopt;
    if (listed)
        one->table = *listed;
    auto request = wire::read_status(one->table, one->source_id, wire::new_request_id("getEntity"),
                                     context_->time.utc_now());
    auto sent = exchange_storage(*context_, std::move(request), async::http_method::get,
                                 std::span<std::byte const>(), stage::ingest, limit_for(*one));
    auto const reply = co_await std::move(sent);
    mark.in_transport = false;
    if (!reply.failed)
        judge(*one, reply.response);
    else
        co_await read_failed(*one, *reply.failed, current);
}

/// Of one step of a read: for resources and for the status itself.
deadline status_tracker::limit_for(tracked const& one) const
{
    return one.until.sooner(deadline(context_->time.now() + read_timeout));
}

asio::awaitable<void> status_tracker::read_failed(tracked& one, wire::storage_failure failed,
                                                  snapshot_ptr snapshot)
{
    bool const no_entity =
        failed.why.status() == missing && failed.why.service_code() != "TableNotFound";
    context_->log.failed(log_level::debug, "a status could not be read", failed.why);
    if (no_entity && !one.schedule.may_appear(context_->time.now()))
    {
        auto why = unknown(errc::outcome_unknown, one.source_id, "the status entity is missing");
        why.host(failed.why.host()).status(failed.why.status());
        finish(one, why.service_code(failed.why.service_code()));
        co_return;
    }
    if (!no_entity && failed.action == storage_action::refresh_resources && snapshot)
    {
        wake_.set(); // the others need not wait for this
        (void)co_await resources_->replace(snapshot, limit_for(one));
    }
    later(one);
}

void status_tracker::judge(tracked& one, async::http_response const& response)
{
    auto const from = view(response, one.table, std::string(), stage::ingest);
    auto const status = wire::parse_status(from);
    if (!status)
    {
        context_->log.failed(log_level::debug, "a status could not be read", status.error());
        return later(one);
    }
    switch (status->state)
    {
    case ingestion_state::pending:
        return later(one);
    case ingestion_state::succeeded:
        return finish(one, ingestion_end::succeeded);
    case ingestion_state::skipped:
        return finish(one, ingestion_end::skipped);
    case ingestion_state::exhausted:
    case ingestion_state::failed:
    case ingestion_state::partial:
    case ingestion_state::unclear:
        break;
    }
    auto why = status->why(one.source_id.to_string());
    finish(one, why.host(one.table.authority()));
}

void status_tracker::later(tracked& one)
{
    one.schedule.again(context_->time.now(), context_->random->next());
}

void status_tracker::finish(tracked& one, result<ingestion_end> outcome)
{
    if (one.outcome)
        return;
    one.outcome.emplace(std::move(outcome));
    one.done.set();
    // Last: it may be the owner.
    std::erase_if(tracked_, [&one](tracked_ptr const& other) { return other.get() == &one; });
}

void status_tracker::finish_all()
{
    auto const all = tracked_;
    for (auto const& one : all)
        finish(*one, closed(one->source_id));
}

} // namespace kusto::service
