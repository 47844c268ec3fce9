#include "schedule.hpp"

#include "draws.hpp"
#include "schedule_faults.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace kusto::faults
{

namespace json = boost::json;
using std::chrono::microseconds;
using std::chrono::milliseconds;

namespace
{

void choose_load(dice& random, schedule& what)
{
    what.io_threads = random.between(1, 3);
    what.cluster_threads = random.between(1, 2);
    what.accounts = random.between(1, 3);
    what.producers = random.between(1, 3);
    // Some schedules have batches of several blocks, or more data than a small budget holds.
    bool const heavy = random.chance(30);
    what.text_size = heavy ? random.between(1500, 6000) : random.between(0, 200);
    what.records = heavy ? random.between(40, 160) : random.between(10, 400);
    what.pause = microseconds(random.chance(40) ? 0 : random.between(50, 1500));
    what.try_write = random.chance(15);
}

void choose_options(dice& random, schedule& what)
{
    bool const heavy = what.text_size > 1000;
    what.parallelism = random.between(1, 4);
    what.uploads_in_flight = random.between(1, 4);
    what.batch_size = heavy ? random.between(10, 120) : random.between(5, 150);
    auto const drawn = draw_compressing(random);
    what.how = drawn.how;
    what.block_size = drawn.block_size;
    what.compression_threads = drawn.threads;
    what.byte_budget = random.chance(40) ? 1 << 20 : 64 << 20;
    what.batch_interval = random.chance(70) ? random.ms(10, 60) : milliseconds(10'000);
    if (random.chance(12))
        what.guarantee = delivery_guarantee::none;
    auto const pick = random.below(100);
    if (pick < 20)
        what.policy = failure_policy::kind::stop;
    else if (pick < 40)
        what.policy = failure_policy::kind::dead_letter;
    what.take_throws = what.policy == failure_policy::kind::hand_over && random.chance(5);
    what.poll = random.chance(8);
    what.flush_immediately = random.chance(20);
    what.verify_table = random.chance(60);
    what.attempts = static_cast<int>(random.between(1, 4));
    what.retry_base = random.ms(1, 5);
    what.retry_cap = random.ms(5, 20);
    what.request_timeout = KUSTO_SLOWNESS * random.ms(100, 300);
}

void choose_actions(dice& random, schedule& what)
{
    for (auto left = random.below(4); left != 0; --left)
    {
        user_action one{};
        one.kind = static_cast<action_kind>(random.below(5));
        one.at = random.below(what.records);
        one.cancel_after = microseconds(random.below(4000));
        one.deadline = random.chance(60) ? milliseconds(20'000) : random.ms(1, 120);
        what.actions.push_back(one);
    }
    std::stable_sort(what.actions.begin(), what.actions.end(),
                     [](user_action const& a, user_action const& b) { return a.at < b.at; });
}

void choose_end(dice& random, schedule& what)
{
    auto const pick = random.below(100);
    if (pick < 10)
        what.end = ending::close_twice;
    else if (pick < 16)
        what.end = ending::destroy;
    else if (pick < 20)
        what.end = ending::stop_and_destroy;
    else if (pick < 24)
        what.end = ending::stop_and_close;
    bool const hasty = random.chance(10);
    what.recovers = what.recovers && !hasty && !what.take_throws &&
                    what.guarantee == delivery_guarantee::at_least_once;
    if (!what.recovers && !what.outage && !hasty)
        // Something may hold it up for longer than a test wants to wait, most often nothing does.
        what.close_after = random.ms(1500, 3000);
    else
        what.close_after = what.recovers ? milliseconds(25'000) : random.ms(10, 400);
    what.write_for = what.recovers ? milliseconds(20'000) : random.ms(50, 400);
    // A status that never comes is only noticed by its timeout.
    bool const lost = what.has(emulator::fault_action::status_lost);
    what.status_timeout = milliseconds(lost ? 1000 : 15'000);
    if (what.outage && random.chance(10))
    {
        what.delivery_timeout = milliseconds(1000);
        what.close_after = milliseconds(4000);
    }
}

json::object action_json(user_action const& one)
{
    static constexpr char const* names[] = {"flush_queued", "flush_ingested", "acknowledged",
                                            "cancelled_flush", "cancelled_write"};
    json::object out;
    out["kind"] = names[static_cast<std::size_t>(one.kind)];
    out["at"] = one.at;
    out["cancel_after_us"] = one.cancel_after.count();
    out["deadline_ms"] = one.deadline.count();
    return out;
}

json::object sink_json(schedule const& what)
{
    static constexpr char const* policies[] = {"stop", "hand_over", "dead_letter"};
    json::object out;
    out["parallelism"] = what.parallelism;
    out["uploads_in_flight"] = what.uploads_in_flight;
    out["batch_size"] = what.batch_size;
    out["compression"] = what.how.to_string();
    out["block_size"] = what.block_size;
    out["compression_threads"] = what.compression_threads;
    out["byte_budget"] = what.byte_budget;
    out["batch_interval_ms"] = what.batch_interval.count();
    out["guarantee"] = what.guarantee == delivery_guarantee::none ? "none" : "at_least_once";
    out["policy"] = policies[static_cast<std::size_t>(what.policy)];
    out["take_throws"] = what.take_throws;
    out["poll_for_ingestion_status"] = what.poll;
    out["status_timeout_ms"] = what.status_timeout.count();
    out["flush_immediately"] = what.flush_immediately;
    out["verify_table"] = what.verify_table;
    out["attempts"] = what.attempts;
    out["retry_base_ms"] = what.retry_base.count();
    out["retry_cap_ms"] = what.retry_cap.count();
    out["request_timeout_ms"] = what.request_timeout.count();
    out["delivery_timeout_ms"] = what.delivery_timeout.count();
    return out;
}

} // namespace

bool schedule::has(emulator::fault_action action) const noexcept
{
    return std::any_of(script.rules().begin(), script.rules().end(),
                       [&](emulator::fault const& rule) { return rule.action() == action; });
}

schedule make_schedule(std::uint64_t seed)
{
    dice random(seed * 0x9e3779b97f4a7c15u + 1);
    schedule what;
    what.seed = seed;
    what.tls = seed % 4 == 0;
    choose_load(random, what);
    choose_options(random, what);
    choose_actions(random, what);
    add_faults(random, what);
    choose_end(random, what);
    return what;
}

std::string_view to_string(ending value) noexcept
{
    static constexpr std::string_view names[] = {"close", "close_twice", "destroy",
                                                 "stop_and_destroy", "stop_and_close"};
    return names[static_cast<std::size_t>(value)];
}

std::string action_name(emulator::fault const& rule)
{
    emulator::fault_script one;
    one.add(rule);
    auto const text = json::parse(one.to_json());
    return json::value_to<std::string>(text.at("rules").at(0).at("action"));
}

std::string to_json(schedule const& what)
{
    json::object out;
    out["seed"] = what.seed;
    out["tls"] = what.tls;
    out["io_threads"] = what.io_threads;
    out["cluster_threads"] = what.cluster_threads;
    out["accounts"] = what.accounts;
    out["faults"] = json::parse(what.script.to_json());
    out["recovers"] = what.recovers;
    out["producers"] = what.producers;
    out["records"] = what.records;
    out["text_size"] = what.text_size;
    out["pause_us"] = what.pause.count();
    out["try_write"] = what.try_write;
    json::array actions;
    for (auto const& one : what.actions)
        actions.push_back(action_json(one));
    out["actions"] = std::move(actions);
    out["sink"] = sink_json(what);
    out["end"] = to_string(what.end);
    out["write_for_ms"] = what.write_for.count();
    out["close_after_ms"] = what.close_after.count();
    return json::serialize(out);
}

} // namespace kusto::faults
