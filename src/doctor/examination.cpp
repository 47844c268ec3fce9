#include <doctor/examination.hpp>

#include <algorithm>
#include <async/with_deadline.hpp>
#include <base/endpoint_url.hpp>
#include <doctor/clean_text.hpp>
#include <options/checks.hpp>
#include <options/credential_data.hpp>
#include <utility>
#include <variant>

namespace kusto::doctor
{

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace
{

/// The client's own retries would hide trouble that comes and goes.
connection_options asking_once(connection_options where)
{
    where.retry(retry_options(where.retry()).attempts(1));
    return where;
}

std::string database_of(connection_options const& where, doctor_options const& what)
{
    bool const named =
        where.default_database() != connection_options("localhost").default_database();
    if (!what.database().empty())
        return what.database();
    return named || !what.table().empty() ? where.default_database() : std::string();
}

/// A little later than what the question itself keeps to, so that what it has to say of the
/// deadline comes first: it knows the step.
deadline with_grace(deadline until)
{
    constexpr auto grace = 250ms;
    auto const last = (deadline::time_point::max)() - grace;
    return until.when() > last ? until : deadline(until.when() + grace);
}

/// Names that cannot stand in a command are thrown.
asio::awaitable<result<verdict>> caught(asio::awaitable<result<verdict>> op)
{
    std::optional<failure> thrown;
    try
    {
        auto got = co_await std::move(op);
        co_return got;
    }
    catch (error const& what)
    {
        thrown = what.why();
    }
    co_return *thrown;
}

/// When nobody named the ingestion service, and it does not follow from the cluster's name: what is
/// wrong. The remedy follows after `: `.
std::string ingestion_advice(connection_options const& where)
{
    auto const both = wire::cluster_endpoints::parse(where.cluster_url());
    if (!both || !where.ingestion_url().empty())
        return {};
    auto advice = wire::ingestion_advice(both->ingestion);
    bool const may_be_named = !advice.empty() && !wire::is_proxy_host(both->ingestion.host());
    return may_be_named ? advice + ", --ingestion-url, or KUSTO_INGESTION_URL if the environment "
                                   "names the cluster"
                        : advice;
}

std::pair<std::string, std::string> fault_and_remedy(std::string const& advice)
{
    constexpr std::string_view between = ": ";
    auto const at = (std::min)(advice.rfind(between), advice.size());
    auto const end = (std::min)(at + between.size(), advice.size());
    return {advice.substr(0, at), advice.substr(end)};
}

circumstances circumstances_of(connection_options const& where)
{
    auto const& who = where.who().data().what;
    circumstances made;
    made.proxy = proxy_setting(where.proxy());
    made.without_credential = std::holds_alternative<detail::no_credential>(who);
    made.with_static_token = std::holds_alternative<detail::static_token_data>(who);
    made.ingestion_remedy = fault_and_remedy(ingestion_advice(where)).second;
    return made;
}

void add(verdict& to, std::string const& detail, std::string const& remedy)
{
    to.state = check_state::warning;
    to.detail += "; " + detail;
    to.remedy += (to.remedy.empty() ? "" : "; ") + remedy;
}

asio::awaitable<result<host_report>> as_result(asio::awaitable<host_report> op)
{
    auto got = co_await std::move(op);
    co_return got;
}

} // namespace

examination::examination(surroundings with, connection_options where, doctor_options what,
                         deadline until)
    : with_(std::move(with)),
      where_(asking_once(std::move(where))),
      what_(std::move(what)),
      until_(until),
      database_(database_of(where_, what_)),
      circumstances_(circumstances_of(where_)),
      samples_(std::make_shared<clock_samples>())
{
    with_.transport = make_dated_transport(std::move(with_.transport), samples_, *with_.time);
}

examination::~examination()
{
    if (resources_)
        resources_->stop();
    if (tokens_)
        tokens_->stop();
    with_.transport->shutdown();
}

deadline examination::limit() const
{
    return until_.sooner(deadline(with_.time->now() + what_.check_timeout()));
}

std::string examination::subject_of(std::optional<base::url> const& where) const
{
    return where ? where->authority() : std::string();
}

asio::awaitable<void> examination::take(step what, answer op)
{
    if (found_.skips(what))
        co_return;
    auto const begin = with_.time->now();
    if (until_.passed(begin))
    {
        found_.end_early(what);
        co_return;
    }
    failure late(errc::timed_out, stage::receive, "no answer within the time of one check");
    auto safe = caught(std::move(op));
    auto const got = co_await async::with_deadline(std::move(safe), with_grace(limit()),
                                                   std::move(late), *with_.time);
    auto const took = with_.time->now() - begin;
    if (!got && waits_behind_slow_name(what, got.error()))
        co_return;
    found_.add(what, got ? *got : judge(what.name, got.error(), about(what)), took);
}

circumstances examination::about(step const& what) const
{
    auto with = circumstances_;
    with.subject = what.subject;
    return with;
}

/// Of the connection, and of the names that commands are made of.
std::vector<option_problem> examination::problems() const
{
    options::problem_list names;
    if (!what_.database().empty())
        names.check_name("database", what_.database());
    if (!what_.table().empty())
        names.check_name("table", what_.table());
    auto all = where_.problems();
    for (auto& one : names.take())
        all.push_back(std::move(one));
    return all;
}

verdict examination::describe_options() const
{
    auto made = verdict::ok(one_line(where_.who().describe()));
    auto const [fault, remedy] = fault_and_remedy(ingestion_advice(where_));
    if (!fault.empty())
        add(made, fault, remedy);
    auto const& proxy = circumstances_.proxy;
    std::string entries;
    for (auto const& entry : proxy.not_understood)
        entries += (entries.empty() ? "" : ", ") + entry;
    if (!entries.empty())
        add(made,
            proxy.bypass_by + " holds what means nothing here, and is passed over: " + entries,
            "separate its entries by commas: *, a host or domain, an IP address or a network such "
            "as 10.0.0.0/8");
    return made;
}

void examination::look_at_options()
{
    step const what(options_check, {}, {});
    auto const wrong = problems();
    auto const endpoints =
        wire::cluster_endpoints::parse(where_.cluster_url(), where_.ingestion_url());
    auto const cluster = base::parse_endpoint(where_.cluster_url());
    if (!wrong.empty())
        found_.add(what, judge(what.name, options_error(wrong).why()));
    else if (!endpoints || !cluster)
        found_.add(what, judge(what.name, endpoints ? cluster.error() : endpoints.error()));
    else
    {
        engine_url_ = endpoints->engine;
        ingestion_url_ = endpoints->ingestion;
        metadata_url_ = *cluster;
        found_.add(step(options_check, cluster->without_query(), {}), describe_options());
        connect_parts();
    }
}

void examination::connect_parts()
{
    context_ = std::make_shared<service::service_context const>(with_.executor, with_.transport,
                                                                *with_.time, where_);
    tokens_ = auth::make_token_provider(with_.executor, with_.transport, where_, *with_.time);
    engine_ = std::make_unique<service::management_client const>(context_, tokens_, *engine_url_);
    ingestion_ =
        std::make_shared<service::management_client const>(context_, tokens_, *ingestion_url_);
    resources_ = std::make_shared<service::resource_manager>(context_, ingestion_);
}

void examination::look_at_trust()
{
    step const what(trust_check, subject_of(engine_url_),
                    std::vector<std::string>(1, std::string(options_check)));
    if (found_.skips(what))
        return;
    wire::trust_rules const rules(where_.trusted_hosts());
    for (auto const& host : {*engine_url_, *ingestion_url_})
    {
        auto const checked = rules.check_before_contact(host);
        if (!checked)
        {
            step const this_one(trust_check, host.authority(), {});
            return found_.add(this_one, judge(trust_check, checked.error(), about(this_one)));
        }
    }
    found_.add(what, verdict::ok("may get tokens"));
}

/// The system's look-ups cannot be interrupted, and are made one after another: what waits behind a
/// slow one says nothing of its own name.
bool examination::waits_behind_slow_name(step const& what, failure const& why)
{
    bool const slow = why.code() == errc::timed_out && why.where() == stage::resolve;
    if (slow && !slow_look_up_.empty())
    {
        found_.skip(what, slow_look_up_,
                    "not asked in time: look-ups are made one after another, and that of " +
                        slow_look_up_ + " took too long");
        return true;
    }
    if (slow)
        slow_look_up_ = what.name;
    return false;
}

asio::awaitable<void> examination::reach(std::string which, std::optional<base::url> where)
{
    auto const subject = subject_of(where);
    step const dns(which + "_dns", subject, {std::string(options_check)});
    step const tcp(which + "_tcp", subject, {dns.name});
    step const tls(which + "_tls", subject, {tcp.name});
    host_report report;
    bool const too_late = where && until_.passed(with_.time->now());
    if (where && !too_late)
    {
        failure late(errc::timed_out, stage::resolve, "no answer within the time of one check");
        auto op = as_result(with_.probe(*where, limit()));
        auto got =
            co_await async::with_deadline(std::move(op), with_grace(limit()), late, *with_.time);
        if (got)
            report = std::move(*got);
        else
            report.name.failed = got.error();
    }
    if (too_late && !found_.skips(dns))
        found_.end_early(dns);
    else if (!too_late && !found_.skips(dns) &&
             !(report.name.failed && waits_behind_slow_name(dns, *report.name.failed)))
        found_.add(dns, judge_step(dns.name, report.name, about(dns)), report.name.duration);
    if (!found_.skips(tcp))
        found_.add(tcp, judge_step(tcp.name, report.connection, about(tcp)),
                   report.connection.duration);
    if (!found_.skips(tls))
        found_.add(
            tls, judge_tls(tls.name, report, where->is_https(), with_.time->utc_now(), about(tls)),
            report.tls.duration);
}

void examination::look_at_clock()
{
    step const what(clock_check, {}, {std::string(options_check)});
    if (!found_.skips(what))
        found_.add(what, judge_clock(samples_->all()));
}

asio::awaitable<diagnosis> examination::run()
{
    look_at_options();
    look_at_trust();
    co_await reach("engine", engine_url_);
    co_await reach("ingestion", ingestion_url_);
    co_await sign_in();
    co_await look_at_storage();
    if (!database_.empty())
        co_await look_at_database();
    if (!what_.table().empty())
        co_await look_at_table();
    look_at_clock();
    co_return found_.take();
}

} // namespace kusto::doctor
