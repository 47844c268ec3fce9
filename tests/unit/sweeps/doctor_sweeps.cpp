// An examination ends in a report, whatever becomes of its questions.
#include "all_sweeps.hpp"

#include <async/cancellation.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctor/examination.hpp>
#include <kusto/log.hpp>

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace kusto::test
{

namespace
{

using outcome_of = std::optional<failure>;

/// Every host is reached.
asio::awaitable<doctor::host_report> reach(base::url, deadline)
{
    co_await asio::post(asio::use_awaitable);
    auto const state = co_await asio::this_coro::cancellation_state;
    if (async::was_cancelled(state))
        async::throw_cancelled();
    doctor::host_report report;
    for (auto* const one : {&report.name, &report.connection, &report.tls})
        one->taken = true;
    co_return report;
}

/// What is kept of an examination.
class record
{
public:
    std::optional<diagnosis> report;
    async::clock::time_point end{};
    std::string log;
};

class doctor_scenario final : public scenario
{
public:
    explicit doctor_scenario(world& where) : world_(where), until_(where.in(120s))
    {
        where.watch("the record", record_);
    }

    asio::awaitable<outcome_of> operation() override
    {
        auto options = world::options();
        options.log(log_level::trace, [record = record_](log_event const& event)
                    { record->log += to_text(event) + '\n'; });
        doctor::surroundings with(world_.executor(), world_.service, &reach, world_.time);
        doctor_options what;
        what.database("db").table("t").mapping("m");
        auto work = std::make_unique<doctor::examination>(std::move(with), std::move(options),
                                                          std::move(what), until_);
        return examine(std::move(work), record_, world_.time);
    }

    std::string check(ending const& end, plan const& what) override
    {
        if (!record_->report)
            return end.aborted ? "" : "there is no report";
        auto const& report = *record_->report;
        auto const text = to_text(report);
        auto const& issuer = world_.service->identity();
        if (issuer.is_told_in(text) || issuer.is_told_in(to_json(report)))
            return "the report tells a secret: " + text;
        if (issuer.is_told_in(record_->log))
            return "the log tells a secret: " + record_->log;
        if (until_.passed(record_->end - 1s))
            return "later than it must be";
        return judge(report, text, what);
    }

private:
    static asio::awaitable<outcome_of> examine(std::unique_ptr<doctor::examination> work,
                                               std::shared_ptr<record> into, manual_clock& time)
    {
        auto op = work->run();
        auto report = co_await std::move(op);
        into->report = std::move(report);
        into->end = time.now();
        co_return std::nullopt;
    }

    std::string judge(diagnosis const& report, std::string const& text, plan const& what) const
    {
        for (char const* name :
             {"options",    "trust",         "engine_dns",     "engine_tcp",
              "engine_tls", "ingestion_dns", "ingestion_tcp",  "ingestion_tls",
              "metadata",   "token",         "engine_service", "ingestion_service",
              "resources",  "storage",       "queue",          "database",
              "table",      "schema",        "roles",          "mapping",
              "policies",   "clock"})
        {
            if (report.find(name) == nullptr)
                return "nothing is said about " + std::string(name) + ":\n" + text;
        }
        if (what.what == disturbance::none && report.exit_status() != 0)
            return "found something wrong:\n" + text;
        if (what.what == disturbance::fail && !is_harmless(what) && report.exit_status() == 0)
            return "found nothing wrong:\n" + text;
        return std::string();
    }

    [[nodiscard]] bool is_harmless(plan const& what) const
    {
        auto const struck = world_.service->struck();
        if (!struck)
            return true;
        switch (what.grief)
        {
        case mishap::forbidden: // what this principal may not see is skipped
            return true;
        case mishap::unauthorized: // the token is replaced
            return !what.lasting;
        case mishap::gone: // the sign-in asks again for what was known already
            return *struck == request_kind::metadata && !what.lasting;
        case mishap::garbage: // nobody reads what storage says of a success
            return *struck == request_kind::put_blob && !what.lasting;
        default:
            return false;
        }
    }

    world& world_;
    deadline until_;
    std::shared_ptr<record> record_ = std::make_shared<record>();
};

} // namespace

BOOST_AUTO_TEST_SUITE(doctor_sweeps)

BOOST_AUTO_TEST_CASE(examination)
{
    auto over = sweep_of<doctor_scenario>("doctor").stride(5);
    BOOST_TEST(over.undisturbed() == "");
    BOOST_TEST(over.fail() == "");
    BOOST_TEST(over.cancel() == "");
    BOOST_TEST(over.destroy() == "");
    BOOST_TEST_MESSAGE(over.runs() << " runs");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace kusto::test
