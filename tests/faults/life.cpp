#include "life.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <future>
#include <iterator>
#include <utility>

namespace kusto::faults
{

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace
{

constexpr milliseconds patience{5000}; ///< beyond a deadline, and for the machine to catch up
constexpr milliseconds long_patience{20'000};

emulator::cluster_options cluster_of(schedule const& what)
{
    emulator::cluster_options out;
    out.tls(what.tls).threads(what.cluster_threads).storage_accounts(what.accounts);
    out.batching(milliseconds(10), 500, std::uint64_t(1) << 30);
    return out;
}

std::size_t threads_of_this_process()
{
    namespace fs = std::filesystem;
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator("/proc/self/task"), fs::directory_iterator()));
}

/// How many threads run before a schedule. Counted by a thread, which leaves itself out: a
/// sanitizer begins one of its own with the first one that a program begins.
std::size_t threads_at_first()
{
    std::size_t count = 0;
    std::thread([&] { count = threads_of_this_process() - 1; }).join();
    return count;
}

/// Whether as few threads run as before; the system takes a moment to let one go.
bool threads_are_gone(std::size_t before)
{
    auto const until = std::chrono::steady_clock::now() + patience;
    while (threads_of_this_process() > before)
    {
        if (std::chrono::steady_clock::now() > until)
            return false;
        std::this_thread::yield();
    }
    return true;
}

} // namespace

life::life(schedule const& what, log_function log)
    : what_(what),
      store_(what.seed, what.take_throws),
      cluster_(cluster_of(what))
{
    (void)cluster_.execute(std::string(database_name), std::string(create_table));
    cluster_.set_faults(what_.script);
    io_.emplace(what_.io_threads);
    service_.emplace(io_->context().get_executor(), connection(std::move(log)));
    sink_.emplace(*service_, options());
    for (std::size_t i = 0; i < sink_->parallelism(); ++i)
        writers_.push_back(sink_->writer(i));
    seen_.batch_records = what_.batch_size;
}

life::~life()
{
    stop_sampler();
    if (io_)
        io_->stop();
}

connection_options life::connection(log_function log) const
{
    auto where = connection_options::from_connection_string(cluster_.connection_string());
    where.ingestion_url(cluster_.ingestion_url()).ca_pem(cluster_.ca_pem());
    retry_options retry;
    retry.attempts(what_.attempts).base(what_.retry_base).cap(what_.retry_cap);
    where.retry(retry).request_timeout(what_.request_timeout).connect_timeout(milliseconds(1000));
    if (log)
        where.log(log_level::trace, std::move(log));
    return where;
}

write_options life::options()
{
    write_options out{std::string(database_name), std::string(table_name)};
    out.parallelism(what_.parallelism).uploads_in_flight(what_.uploads_in_flight);
    out.batch_size(what_.batch_size).block_size(what_.block_size).byte_budget(what_.byte_budget);
    out.compression_threads(what_.compression_threads).compression(what_.how);
    out.batch_interval(what_.batch_interval);
    out.guarantee(what_.guarantee).poll_for_ingestion_status(what_.poll);
    out.ingestion_status_timeout(what_.status_timeout).delivery_timeout(what_.delivery_timeout);
    out.flush_immediately(what_.flush_immediately).verify_table(what_.verify_table);
    retry_options retry;
    retry.attempts(what_.attempts).base(what_.retry_base).cap(what_.retry_cap);
    out.retry(retry);
    if (what_.policy == failure_policy::kind::hand_over)
        out.on_permanent_failure(failure_policy::hand_over([this](undelivered_batch const& batch)
                                                           { store_.take(batch); }));
    if (what_.policy == failure_policy::kind::dead_letter)
        out.on_permanent_failure(failure_policy::dead_letter(directory_.path()));
    return out;
}

void life::accept(std::int64_t id)
{
    std::lock_guard const lock(mutex_);
    if (!seen_.accepted.insert(id).second)
        seen_.violations.push_back("the test wrote an id twice");
}

void life::violation(std::string what)
{
    std::lock_guard const lock(mutex_);
    if (seen_.violations.size() < 20)
        seen_.violations.push_back(std::move(what));
}

void life::sample()
{
    snapshot_rules rules;
    std::vector<std::string> found;
    std::unique_lock lock(mutex_);
    while (sampling_)
    {
        lock.unlock();
        rules.check(sink_->statistics(), found);
        lock.lock();
        changed_.wait_for(lock, std::chrono::microseconds(300), [this] { return !sampling_; });
    }
    seen_.violations.insert(seen_.violations.end(), found.begin(), found.end());
}

void life::stop_sampler()
{
    {
        std::lock_guard const lock(mutex_);
        sampling_ = false;
    }
    changed_.notify_all();
    if (sampler_.joinable())
        sampler_.join();
}

bool life::producers_end(milliseconds within)
{
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, within, [this] { return producing_ == 0; });
}

observation life::live()
{
    sampler_ = std::thread([this] { sample(); });
    start_producers();
    bool const written = producers_end(what_.write_for);
    if (what_.recovers && !written)
        violation("writes still wait although the service came back long ago");
    seen_.must_complete =
        what_.recovers && (what_.end == ending::close || what_.end == ending::close_twice ||
                           what_.end == ending::stop_and_close);
    end();
    dissolve();
    look_at_table();
    return std::move(seen_);
}

void life::look_at_table()
{
    // Rules about queue messages are limited, so that the cluster gets to its end with them.
    if (!cluster_.wait_until_idle(long_patience))
        violation("the cluster did not come to rest");
    auto const counts = cluster_.fault_counts();
    auto const& rules = what_.script.rules();
    for (std::size_t i = 0; i < rules.size(); ++i)
        if (rules[i].action() == emulator::fault_action::redeliver)
            seen_.redelivered += counts[i].applied;
    cluster_.set_faults({});
    seen_.table.add_answer(what_.seed,
                           cluster_.execute(std::string(database_name), std::string(table_name)));
    if (what_.policy == failure_policy::kind::dead_letter)
        store_.read_files(directory_.path());
    seen_.named = store_.named();
}

void life::dissolve()
{
    if (!io_)
        return;
    writers_.clear();
    sink_.reset();
    service_.reset();
    if (!io_->run_dry(long_patience))
        violation("something still runs 20 s after the sink is gone");
    io_.reset();
}

verdict run(schedule const& what, log_function log)
{
    auto const start = std::chrono::steady_clock::now();
    auto const threads = threads_at_first();
    verdict out;
    {
        life one(what, std::move(log));
        auto const seen = one.live();
        out.violations = judge(seen);
        out.outcome = outcome_word(seen);
        out.records = seen.accepted.size();
    }
    if (!threads_are_gone(threads))
        out.violations.push_back("threads are left");
    out.took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);
    return out;
}

} // namespace kusto::faults
