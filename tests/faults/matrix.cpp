#include "matrix.hpp"

#include "draws.hpp"
#include "io_runner.hpp"
#include "records.hpp"
#include "waiting.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <kusto/emulator/cluster.hpp>
#include <kusto/sink.hpp>
#include <thread>

namespace kusto::faults
{

namespace asio = boost::asio;
using emulator::fault;
using emulator::fault_action;
using emulator::fault_route;
using emulator::ingestion_failure_kind;
using std::chrono::milliseconds;

namespace
{

constexpr std::uint64_t salt = 1;
constexpr int attempts = 3;

// Times that end nothing but what is broken, however slow the machine is. Ending is expected before
// a request, or the answer to a queue message (30 s), can time out.
constexpr milliseconds patience{30'000};
constexpr milliseconds generous{60'000};
constexpr milliseconds longest_ending{20'000};
// What runs out where nobody answers, and where no status ever says how it ended.
constexpr milliseconds silence{200};
constexpr milliseconds status_silence{4000};
// So long a queue message without an answer is looked at: nothing is logged until 30 s have passed.
constexpr milliseconds look_at_message{2500};

trouble request_trouble(std::string name, fault rule)
{
    return trouble{std::move(name), std::move(rule), false};
}

trouble message_trouble(std::string name, fault rule)
{
    return trouble{std::move(name), std::move(rule), true};
}

/// Whether later requests feel what was done at the first one.
bool lasts(fault const& rule)
{
    return rule.action() == fault_action::expire_sas ||
           rule.action() == fault_action::revoke_tokens ||
           rule.action() == fault_action::expire_identity;
}

/// Whether the request has its answer all the same.
bool only_slow(fault const& rule)
{
    return rule.action() == fault_action::delay || rule.action() == fault_action::latency ||
           rule.action() == fault_action::bandwidth || rule.action() == fault_action::drip ||
           rule.action() == fault_action::close_idle;
}

connection_options connection(emulator::cluster const& cluster, milliseconds request_timeout)
{
    auto where = connection_options::from_connection_string(cluster.connection_string());
    retry_options retry;
    retry.attempts(attempts).base(milliseconds(1)).cap(milliseconds(5));
    where.ingestion_url(cluster.ingestion_url()).retry(retry);
    // Should the metadata be missed, the login endpoint of the public cloud is not asked.
    where.authority_host(cluster.authority_url());
    where.request_timeout(request_timeout).connect_timeout(generous);
    return where;
}

write_options options(stage_of_delivery const& where, milliseconds status_timeout)
{
    write_options out{std::string(database_name), std::string(table_name)};
    retry_options retry;
    retry.attempts(attempts).base(milliseconds(1)).cap(milliseconds(5));
    out.retry(retry).block_size(64 << 10).compression_threads(1).compression(compression::zlib(1));
    out.poll_for_ingestion_status(where.polls).ingestion_status_timeout(status_timeout);
    out.on_permanent_failure(failure_policy::hand_over([](undelivered_batch const&) {}));
    return out;
}

std::string word_of(delivery_report const& report)
{
    if (report.pending.records != 0)
        return "waits";
    if (report.unknown.records != 0)
        return "unknown";
    if (report.failed.records != 0)
        return "failed";
    return report.possibly_twice.records != 0 ? "twice" : "ok";
}

/// Whether the table agrees with the word. A batch of blocks that is refused before the last record was
/// written leaves the others to a second batch, which may do better.
bool true_to(std::string const& word, delivery_report const& report, found_records const& table)
{
    std::size_t more_than_once = 0;
    for (auto const& [id, times] : table.times)
        more_than_once += times > 1 ? 1 : 0;
    if (table.foreign != 0)
        return false;
    auto const found = table.times.size();
    if (word == "ok")
        return found == report.accepted.records && more_than_once == 0;
    if (word == "twice" || word == "ok or twice")
        return found == report.accepted.records;
    if (word == "failed")
        return found == report.delivered.records && more_than_once == 0;
    return word != "refused later" || found == 0;
}

} // namespace

std::vector<trouble> all_troubles()
{
    std::vector<trouble> all;
    for (int const code : {400, 401, 403, 404, 408, 409, 413, 429, 500, 502, 503, 504})
        all.push_back(request_trouble("status " + std::to_string(code), fault::status(code)));
    all.push_back(request_trouble("delay", fault::delay(milliseconds(20))));
    all.push_back(request_trouble("latency", fault::latency(milliseconds(10))));
    all.push_back(request_trouble("bandwidth", fault::bandwidth(10'000'000)));
    all.push_back(request_trouble("drip", fault::drip(200, milliseconds(1))));
    for (auto const action :
         {fault_action::close_before_body, fault_action::close_mid_body,
          fault_action::close_after_body, fault_action::drop_answer, fault_action::answer_partly,
          fault_action::never_answer, fault_action::never_answer_after, fault_action::close_idle,
          fault_action::garbage, fault_action::expire_sas, fault_action::revoke_tokens,
          fault_action::expire_identity, fault_action::accept_never})
        all.push_back(request_trouble("", fault::of(action)));
    all.push_back(message_trouble("redeliver, at once", fault::redeliver(milliseconds(0))));
    all.push_back(message_trouble("reorder", fault::reorder(milliseconds(50))));
    all.push_back(message_trouble("ingestion_delay", fault::ingestion_delay(milliseconds(100))));
    all.push_back(message_trouble("ingestion_fails, permanent",
                                  fault::ingestion_fails(ingestion_failure_kind::permanent)));
    all.push_back(message_trouble("ingestion_fails, transient",
                                  fault::ingestion_fails(ingestion_failure_kind::transient)));
    all.push_back(message_trouble("ingestion_fails, exhausted",
                                  fault::ingestion_fails(ingestion_failure_kind::exhausted)));
    all.push_back(message_trouble("ingestion_fails, partial",
                                  fault::ingestion_fails(ingestion_failure_kind::partial)));
    all.push_back(message_trouble("status_delay", fault::status_delay(milliseconds(300))));
    all.push_back(message_trouble("status_lost", fault::status_lost()));
    return all;
}

std::vector<stage_of_delivery> all_stages()
{
    return {{"metadata", fault_route::metadata, false, false},
            {"token", fault_route::token, false, false},
            {"resources", fault_route::resources, false, false},
            {"identity", fault_route::identity, false, false},
            {"table check", fault_route::command, false, false},
            {"blob", fault_route::put_blob, false, false},
            {"block", fault_route::put_block, true, false},
            {"block list", fault_route::put_block_list, true, false},
            {"message", fault_route::put_message, false, false},
            {"new status", fault_route::insert_status, false, true},
            {"read status", fault_route::read_status, false, true}};
}

stage_of_delivery ingestion_stage()
{
    return {"ingestion", fault_route::any, false, true};
}

namespace
{

class cell_run
{
public:
    cell_run(trouble const& what, stage_of_delivery const& where, bool forever,
             cell_hooks const& hooks)
        : what_(what),
          where_(where),
          forever_(forever),
          hooks_(hooks),
          proof_(attempts, lasts(what.rule)),
          cluster_(setup()),
          io_(1)
    {
        (void)cluster_.execute(std::string(database_name), std::string(create_table));
        auto rule = what.rule;
        if (!what.of_ingestion)
            rule.on(where.route);
        if (!forever)
            rule.times(1);
        script_.add(rule);
    }

    observed_cell observe()
    {
        observed_cell out;
        {
            auto from = connection(cluster_, nobody_answers(what_.rule) ? silence : generous);
            from.log(log_level::warning, [this](log_event const& event) { proof_.hear(event); });
            if (hooks_.prepare)
                hooks_.prepare(cluster_, from);
            cluster_.set_faults(script_);
            client service(io_.context().get_executor(), from);
            auto write = options(where_, no_status_ever() ? status_silence : generous);
            if (!hooks_.dead_letters.empty())
                write.on_permanent_failure(failure_policy::dead_letter(hooks_.dead_letters));
            batching_sink sink(service, write);
            deliver(sink, out);
            if (hooks_.thrown)
                try_other_operations(service);
            if (hooks_.before_close)
                hooks_.before_close(service, sink);
            finish(sink.close(deadline::after(milliseconds(0))));
        }
        if (!io_.run_dry(longest_ending))
            out.word = "wrong: does not end";
        return out;
    }

private:
    static emulator::cluster_options setup()
    {
        emulator::cluster_options out;
        out.tls(false).threads(1).batching(milliseconds(10), 500, std::uint64_t(1) << 30);
        return out;
    }

    template <class T>
    void finish(asio::awaitable<T> operation)
    {
        auto done = asio::co_spawn(io_.context(), std::move(operation), asio::use_future);
        try
        {
            (void)done.get();
        }
        catch (std::exception const& e)
        {
            if (hooks_.thrown)
                hooks_.thrown(e);
        }
    }

    void deliver(batching_sink& sink, observed_cell& out)
    {
        std::size_t const records = where_.blocks ? 40 : 5;
        std::size_t const size = where_.blocks ? 8000 : 50;
        for (std::size_t i = 0; i < records; ++i)
        {
            auto const record = record_of(salt, static_cast<std::int64_t>(i), size);
            if (!sink.try_write(record))
                finish(sink.write(record));
        }
        // Seals the batch. The wait ends at once; what counts is what the sink knows later.
        finish(sink.flush(deadline::after(milliseconds(0))));
        wait_for_outcome(sink);
        if (hooks_.thrown)
            finish(sink.flush(deadline::after(milliseconds(0))));
        auto const report = sink.statistics().report;
        out.word = word_of(report);
        if (report.accepted.records != records)
            out.word = "wrong: not all accepted, " + out.word;
        // Whether the end of the connection is seen before it is used again is a matter of timing.
        bool const either = out.word == "ok" || out.word == "twice";
        if (what_.rule.action() == fault_action::close_idle && either)
            out.word = "ok or twice";
        compare_with_table(report, out);
    }

    [[nodiscard]] std::uint64_t met() const { return cluster_.fault_counts().front().matched; }

    /// Whether the sink will never read how the batch's ingestion ended.
    [[nodiscard]] bool no_status_ever() const
    {
        auto const action = what_.rule.action();
        bool const unreadable = forever_ && where_.route == fault_route::read_status &&
                                !only_slow(what_.rule) && action != fault_action::accept_never;
        return unreadable || action == fault_action::status_lost;
    }

    /// Until the batch has an outcome, or is seen to wait.
    void wait_for_outcome(batching_sink const& sink)
    {
        using clock = std::chrono::steady_clock;
        bool const without_proof = hooks_.patience.count() != 0;
        bool const silent_message =
            where_.route == fault_route::put_message && nobody_answers(what_.rule) &&
            what_.rule.action() != fault_action::accept_never;
        auto until = clock::now() + (without_proof ? hooks_.patience : patience);
        bool seen = false;
        for (;;)
        {
            auto const now = sink.statistics();
            if (now.report.pending.records == 0 || clock::now() >= until)
                return;
            if (!without_proof && forever_ && proof_.given(now, met()))
                return;
            if (!without_proof && silent_message && !seen && met() != 0)
            {
                seen = true;
                until = clock::now() + look_at_message;
            }
            std::this_thread::sleep_for(milliseconds(2));
        }
    }

    void compare_with_table(delivery_report const& report, observed_cell& out)
    {
        bool const idle = cluster_.wait_until_idle(patience);
        out.requests = met();
        found_records table;
        table.add_answer(salt,
                         cluster_.execute(std::string(database_name), std::string(table_name)));
        // Taken by the queue is all that is reported without statuses.
        if (out.word == "ok" && !where_.polls && cluster_.counts().failed != 0)
            out.word = "refused later";
        if (!idle || !true_to(out.word, report, table))
            out.word = "wrong: " + out.word;
    }

    void try_other_operations(client& service)
    {
        auto const soon = [] { return deadline::after(milliseconds(100)); };
        finish(service.connect(soon()));
        finish(service.query("", "Soak | count", soon()));
        finish(service.execute("", ".show tables", soon()));
    }

    trouble const& what_;
    stage_of_delivery const& where_;
    bool const forever_;
    cell_hooks const& hooks_;
    waiting_proof proof_;
    emulator::cluster cluster_;
    emulator::fault_script script_;
    io_runner io_;
};

} // namespace

observed_cell observe(trouble const& what, stage_of_delivery const& where, bool forever,
                      cell_hooks const& hooks)
{
    return cell_run(what, where, forever, hooks).observe();
}

} // namespace kusto::faults
