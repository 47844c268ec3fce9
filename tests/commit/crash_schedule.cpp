#include "crash_schedule.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <faults/draws.hpp>

namespace kusto::crash
{

namespace json = boost::json;
using emulator::fault;
using emulator::fault_action;
using emulator::fault_route;
using emulator::ingestion_failure_kind;
using faults::dice;
using std::chrono::milliseconds;

namespace
{

/// How a command begins that a fault is aimed at.
std::string command_text(dice& random)
{
    return random.one_of(std::vector<std::string>{
        ".move extents", ".move extents", ".move extents", ".drop table", ".drop table",
        ".create table", ".create table", ".set-or-append", ".set-or-append", "extent tags",
        "policy merge", ".show table", "csv mapping"});
}

fault_route route(dice& random)
{
    return random.one_of(std::vector<fault_route>{
        fault_route::put_message, fault_route::put_message, fault_route::put_message,
        fault_route::command, fault_route::command, fault_route::query, fault_route::put_blob,
        fault_route::resources, fault_route::token, fault_route::insert_status,
        fault_route::read_status, fault_route::any});
}

fault broken_exchange(dice& random)
{
    return faults::broken_connection(random, fault::drop_answer());
}

fault refused_request(dice& random)
{
    return faults::refusal(random, {429, 429, 500, 503, 503, 504}, 50);
}

fault command_fault(dice& random)
{
    auto const pick = random.below(100);
    if (pick < 35)
        return fault::executed_late(random.ms(1, 900)).containing(command_text(random));
    if (pick < 55)
        return fault::executed_twice().containing(command_text(random));
    auto rule = pick < 80 ? broken_exchange(random) : refused_request(random);
    if (pick >= 96)
        rule = random.chance(50) ? fault::never_answer() : fault::never_answer_after();
    return rule.on(fault_route::command).containing(command_text(random));
}

/// What was handed out is refused from now on. Messages that the service cannot read are refused for good.
fault expiry(dice& random, bool staged)
{
    switch (random.below(staged ? 3 : 2))
    {
    case 0:
        return fault::expire_sas().on(fault_route::put_message);
    case 1:
        return fault::revoke_tokens().on(fault_route::command);
    default:
        return fault::expire_identity().on(fault_route::put_message);
    }
}

/// Of what becomes of queue messages. A refusal of the data for good is only for the staged protocol, which
/// stages again; in the table itself a part of a batch is the operator's business.
fault ingestion_fault(dice& random, bool staged)
{
    switch (random.below(staged ? 10 : 8))
    {
    case 0:
    case 1:
        return fault::redeliver(random.ms(0, 200));
    case 2:
    case 3:
        return fault::redeliver(random.ms(500, 2500));
    case 4:
        return fault::reorder(random.ms(5, 120));
    case 5:
        return fault::ingestion_delay(random.ms(5, 2500));
    case 6:
        return fault::status_lost();
    case 7:
        return fault::ingestion_fails(ingestion_failure_kind::transient, {}, random.ms(20, 200));
    case 8:
        return fault::ingestion_fails(ingestion_failure_kind::partial);
    default:
        return fault::ingestion_fails(random.chance(50) ? ingestion_failure_kind::exhausted
                                                        : ingestion_failure_kind::permanent);
    }
}

void limit(dice& random, fault& rule)
{
    rule.from(random.between(1, 12)).times(random.between(1, 6)).every(random.between(1, 3));
    if (faults::nobody_answers(rule) || rule.action() == fault_action::ingestion_fails)
        rule.times(1);
    if (rule.action() == fault_action::redeliver || rule.action() == fault_action::reorder)
        rule.times(random.between(1, 20));
}

void choose_faults(dice& random, schedule& what)
{
    what.script.seed(random.below(1'000'000) + 1);
    bool const staged = what.plan.sink != "ingest_by";
    for (auto left = random.below(6); left != 0; --left)
    {
        auto const pick = random.below(100);
        auto rule = pick < 45   ? command_fault(random)
                    : pick < 65 ? broken_exchange(random).on(route(random))
                    : pick < 72 ? refused_request(random).on(route(random))
                    : pick < 77 ? expiry(random, staged)
                                : ingestion_fault(random, staged);
        limit(random, rule);
        if (pick >= 72 && pick < 77)
            rule.times(1);
        what.script.add(std::move(rule));
    }
    // A service that takes messages later than the sink waits: batches are posted again.
    if (random.chance(20))
    {
        what.plan.status_timeout_ms = random.between(260, 450);
        auto rule = fault::ingestion_delay(random.ms(300, 1500));
        what.script.add(rule.from(random.between(1, 6)).times(random.between(1, 12)));
    }
    what.faults_end = random.chance(50);
    if (random.chance(25))
        what.visibility = random.ms(1, 300);
    what.batching = random.ms(5, 20);
}

void choose_plan(dice& random, schedule& what)
{
    auto& plan = what.plan;
    if (plan.sink.empty())
        plan.sink = random.chance(70) ? "staged" : "ingest_by";
    plan.records = random.between(200, 1200);
    // Some have batches of several blocks.
    plan.largest_text = random.chance(20) ? random.between(2000, 8000) : random.between(0, 200);
    plan.largest_group = random.between(1, 60);
    plan.groups = random.between(1, 4);
    plan.commit_every = random.between(1, 5);
    plan.empty_every = random.chance(25) ? random.between(1, 4) : 0;
    plan.mapping = random.chance(25) ? 1 : 0;
    plan.producers = random.between(1, 3);
    auto const drawn = faults::draw_compressing(random);
    plan.compression = drawn.how.to_string();
    plan.block_size = drawn.block_size;
    plan.compression_threads = drawn.threads;
    plan.parallelism = random.between(1, 3);
    plan.uploads_in_flight = random.between(1, 8);
    plan.speed = random.between(4, 10);
    plan.batch_size = random.between(5, 60);
    // A commit takes a dozen commands: not too many checkpoints.
    auto const least = plan.records / 12;
    while (plan.groups * plan.largest_group / 2 < least)
        ++plan.groups;
    plan.attempts = random.between(2, 6);
    plan.retry_base_ms = random.between(5, 20);
    plan.retry_cap_ms = random.between(20, 50);
    plan.request_timeout_ms = random.between(800, 2000);
    plan.status_timeout_ms = random.between(300, 2000);
    plan.pause_us = random.chance(50) ? 0 : random.between(100, 3000);
    plan.checkpoint_records = plan.groups * plan.largest_group / 2 + 1;
    plan.interval_ms = random.chance(50) ? 0 : random.between(100, 300);
    std::vector<std::string> const modes{"commit_each", "commit_later", "beside", "advance"};
    for (auto left = random.between(1, 4); left != 0; --left)
        what.modes.push_back(random.one_of(modes));
}

void choose_kills(dice& random, schedule& what)
{
    for (auto left = random.between(1, 6); left != 0; --left)
    {
        kill one;
        // Without commits a job is short, and has no such points.
        bool const batching = what.plan.sink == "batching";
        one.after = batching ? random.ms(20, 300) : random.ms(0, 700);
        if (!batching && random.chance(35))
        {
            one.point = random.one_of(all_crash_points());
            one.visit = random.between(1, 6);
        }
        what.kills.push_back(one);
    }
}

} // namespace

std::vector<std::string> const& all_crash_points()
{
    static std::vector<std::string> const names{
        "C0",       "C1",       "C2", "C3.begun", "C3.created", "C3.uploaded", "C3.posted",
        "C4",       "C5",       "C6", "C7.moved", "C7.noted",   "C8",          "C9",
        "C9.files",
    };
    return names;
}

schedule make_schedule(std::uint64_t seed, std::string_view sink)
{
    dice random(seed * 0x9e3779b97f4a7c15u + 1);
    schedule what;
    what.plan.seed = seed;
    what.plan.sink = sink;
    what.tls = random.chance(15);
    choose_plan(random, what);
    choose_faults(random, what);
    choose_kills(random, what);
    return what;
}

milliseconds latest_command(emulator::fault_script const& script)
{
    milliseconds out{};
    for (auto const& rule : script.rules())
        if (rule.action() == fault_action::executed_late)
            out = (std::max)(out, rule.time());
    return out;
}

std::string to_json(schedule const& what)
{
    json::object out;
    out["plan"] = json::parse(to_json(what.plan));
    json::array kills;
    for (auto const& one : what.kills)
    {
        json::object text;
        text["after_ms"] = one.after.count();
        if (!one.point.empty())
        {
            text["point"] = one.point;
            text["visit"] = one.visit;
        }
        kills.push_back(std::move(text));
    }
    out["kills"] = std::move(kills);
    out["modes"] = json::array(what.modes.begin(), what.modes.end());
    out["faults"] = json::parse(what.script.to_json());
    out["faults_end"] = what.faults_end;
    out["tls"] = what.tls;
    out["atomic_tags"] = what.atomic_tags;
    out["batching_ms"] = what.batching.count();
    out["visibility_ms"] = what.visibility.count();
    return json::serialize(out);
}

} // namespace kusto::crash
