#include <boost/test/unit_test.hpp>
#include <core/recovery.hpp>
#include <functional>

using namespace kusto;
using core::compare;
using core::ledger_age;
using core::plan_recovery;

namespace
{

using strings = std::vector<std::string>;

core::sealed_batch batch(std::string file, std::uint64_t size)
{
    return core::sealed_batch{std::move(file), data_format::csv, 10, 100, size, 7};
}

core::sealed_checkpoint checkpoint(checkpoint_id id, checkpoint_state state)
{
    auto const number = std::to_string(id);
    core::sealed_checkpoint out;
    out.id = id;
    out.state = state;
    out.position = "p" + number;
    out.batches = {batch("batch-" + number + "a", 11), batch("batch-" + number + "b", 12)};
    return out;
}

/// 1 and 2 committed, 3 moved, 4 staged, 5 sealed, and what a sink's directory has beside batches.
struct state
{
    core::ledger_contents ledger;
    std::vector<core::found_file> files{{"ledger.sqlite", 1}, {"lock", 5}, {"notes.txt", 3}};

    state()
    {
        using enum checkpoint_state;
        checkpoint_id id = 0;
        for (auto const one : {committed, committed, moved, staged, sealed})
        {
            ledger.checkpoints.push_back(checkpoint(++id, one));
            for (auto const& file : ledger.checkpoints.back().batches)
                files.push_back({file.file, file.compressed_bytes});
        }
        ledger.last_sealed = 5;
        ledger.last_committed = 2;
        ledger.last_position = "p5";
    }

    [[nodiscard]] core::sealed_checkpoint& at(checkpoint_id id)
    {
        return ledger.checkpoints.at(id - 1);
    }
    void erase(checkpoint_id id)
    {
        std::erase_if(ledger.checkpoints, [=](auto const& one) { return one.id == id; });
    }
    void remove(std::string const& file)
    {
        std::erase_if(files, [&](auto const& one) { return one.name == file; });
    }
    [[nodiscard]] result<core::recovery_plan> plan() const { return plan_recovery(ledger, files); }
};

strings names(std::vector<core::sealed_batch> const& batches)
{
    strings out;
    for (auto const& one : batches)
        out.push_back(one.file);
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(recovery_test)

BOOST_AUTO_TEST_CASE(a_new_ledger_needs_nothing)
{
    auto const plan = plan_recovery({}, {{"ledger.sqlite", 4096}, {"lock", 4}});
    BOOST_REQUIRE(plan.has_value());
    BOOST_TEST(plan->remove.empty());
    BOOST_TEST(plan->verify.empty());
    BOOST_TEST(plan->forget.empty());
}

BOOST_AUTO_TEST_CASE(c0_and_c1_files_that_were_never_sealed_are_removed)
{
    state all;
    all.files.push_back({"batch-unknown.csv.gz", 0});
    auto const plan = all.plan();
    BOOST_REQUIRE(plan.has_value());
    BOOST_TEST(plan->remove == (strings{"batch-1a", "batch-1b", "batch-2a", "batch-2b",
                                        "batch-unknown.csv.gz"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(files_of_checkpoints_not_committed_are_verified)
{
    auto const plan = state().plan();
    BOOST_REQUIRE(plan.has_value());
    BOOST_TEST(names(plan->verify) == (strings{"batch-3a", "batch-3b", "batch-4a", "batch-4b",
                                               "batch-5a", "batch-5b"}),
               boost::test_tools::per_element());
    BOOST_TEST((plan->verify.front() == batch("batch-3a", 11)));
}

BOOST_AUTO_TEST_CASE(c9_committed_checkpoints_are_cleaned_up_whatever_is_left_of_them)
{
    state all;
    all.remove("batch-1a");
    all.erase(1);
    all.files.push_back({"batch-2b.part", 1});
    auto const plan = all.plan();
    BOOST_REQUIRE(plan.has_value());
    BOOST_TEST(plan->remove == (strings{"batch-1b", "batch-2a", "batch-2b", "batch-2b.part"}),
               boost::test_tools::per_element());
    BOOST_TEST(plan->forget == (std::vector<checkpoint_id>{2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(after_a_restart_from_the_commit_table_there_is_a_position_and_no_checkpoint)
{
    core::ledger_contents ledger;
    ledger.last_sealed = ledger.last_committed = 9;
    ledger.last_position = "p9";
    BOOST_TEST(plan_recovery(ledger, {}).has_value());
}

BOOST_AUTO_TEST_CASE(damage_is_refused_and_named)
{
    struct row
    {
        char const* named; ///< in the message; empty: no damage
        std::function<void(state&)> apply;
    };
    using enum checkpoint_state;
    for (auto const& r :
         std::vector<row>{
             {"", [](auto&) {}},
             {"'batch-5a'", [](auto& s) { s.remove("batch-5a"); }},
             {"'batch-3b'", [](auto& s) { s.remove("batch-3b"); }},
             {"", [](auto& s) { s.remove("batch-2a"); }},
             {"11 bytes instead of 10", [](auto& s) { s.at(5).batches[0].compressed_bytes = 10; }},
             {"batch-4b", [](auto& s) { s.at(4).batches[1].compressed_bytes = 13; }},
             {"", [](auto& s) { s.at(1).batches[0].compressed_bytes = 13; }},
             {"twice", [](auto& s) { s.at(5).batches[0] = s.at(4).batches[0]; }},
             {"ledger.sqlite", [](auto& s) { s.at(5).batches[0].file = "ledger.sqlite"; }},
             {"../x", [](auto& s) { s.at(5).batches[0].file = "batch-../x"; }},
             {"lacks checkpoint 4", [](auto& s) { s.erase(4); }},
             {"lacks checkpoint 3", [](auto& s) { s.erase(3); }},
             {"lacks checkpoint 5", [](auto& s) { s.erase(5); }},
             {"", [](auto& s) { s.erase(1); }},
             {"", [](auto& s) { s.erase(2); }},
             {"checkpoint 4 after checkpoint 4", [](auto& s) { s.at(5).id = 4; }},
             {"lacks checkpoint 4", [](auto& s) { std::swap(s.at(4), s.at(5)); }},
             {"checkpoint 0", [](auto& s) { s.at(1).id = 0; }},
             {"checkpoint 5 as committed", [](auto& s) { s.at(5).state = committed; }},
             {"checkpoint 3", [](auto& s) { s.at(3).state = committed; }},
             {"checkpoint 2", [](auto& s) { s.at(2).state = moved; }},
             {"checkpoint 5 and says that 4",
              [](auto& s)
              {
                  s.ledger.last_sealed = 4;
                  s.ledger.last_position = "p4";
              }},
             {"checkpoint 3 after checkpoint 3", [](auto& s)
              { s.ledger.checkpoints.insert(s.ledger.checkpoints.begin() + 2, s.at(3)); }},
             {"lacks checkpoint 6",
              [](auto& s)
              {
                  s.ledger.last_sealed = 6;
                  s.ledger.last_position = "p6";
              }},
             {"6", [](auto& s) { s.ledger.last_committed = 6; }},
             {"checkpoint 3", [](auto& s) { s.ledger.last_committed = 3; }},
             {"-1 attempts of checkpoint 4", [](auto& s) { s.at(4).attempt = -1; }},
             {"no position", [](auto& s) { s.ledger.last_position.reset(); }},
             {"two positions of checkpoint 5", [](auto& s) { s.ledger.last_position = "p4"; }},
             {"has a position",
              [](auto& s) {
                  s.ledger = {{}, 0, 0, "p0"};
              }},
         })
    {
        state all;
        r.apply(all);
        auto const plan = all.plan();
        std::string const named = r.named;
        BOOST_TEST(plan.has_value() == named.empty(), named);
        if (plan.has_value())
            continue;
        auto const& why = plan.error();
        BOOST_TEST((why.code() == errc::ledger_damaged));
        BOOST_TEST((why.where() == stage::ledger));
        BOOST_TEST(!why.retryable());
        BOOST_TEST(why.message().find(named) != std::string::npos,
                   named << " in " << why.message());
        BOOST_TEST(why.message().find("resume_from_commit_table") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(the_commit_table_against_the_ledger)
{
    struct row
    {
        checkpoint_id id;
        char const* position;
        ledger_age age;
    };
    auto const ledger = state().ledger;
    BOOST_TEST((compare(ledger, std::nullopt) == ledger_age::current));
    for (auto const& r :
         {row{1, "p1", ledger_age::current}, row{2, "p2", ledger_age::current},
          row{3, "p3", ledger_age::current}, row{5, "p5", ledger_age::current},
          row{5, "other", ledger_age::outdated}, row{3, "other", ledger_age::outdated},
          row{6, "p6", ledger_age::outdated}})
        BOOST_TEST((compare(ledger, core::committed_record{r.id, r.position}) == r.age),
                   r.id << " " << r.position);
    core::ledger_contents const empty;
    BOOST_TEST((compare(empty, std::nullopt) == ledger_age::current));
    BOOST_TEST((compare(empty, core::committed_record{1, "p"}) == ledger_age::outdated));
    core::ledger_contents const restarted{{}, 7, 7, "p7"};
    BOOST_TEST((compare(restarted, core::committed_record{7, "p7"}) == ledger_age::current));
    BOOST_TEST((compare(restarted, core::committed_record{6, "x"}) == ledger_age::current));
    BOOST_TEST((compare(restarted, core::committed_record{7, "x"}) == ledger_age::outdated));
}

BOOST_AUTO_TEST_CASE(counts_add_up_over_the_batches)
{
    BOOST_TEST((checkpoint(1, checkpoint_state::sealed).counts() == delivery_counts{20, 200, 2}));
    BOOST_TEST((core::sealed_checkpoint().counts() == delivery_counts{}));
}

BOOST_AUTO_TEST_CASE(states_have_names)
{
    using enum checkpoint_state;
    BOOST_TEST(to_string(sealed) == "sealed");
    BOOST_TEST(to_string(staged) == "staged");
    BOOST_TEST(to_string(moved) == "moved");
    BOOST_TEST(to_string(committed) == "committed");
    BOOST_TEST(to_string(static_cast<checkpoint_state>(9)) == "unknown state");
}

BOOST_AUTO_TEST_SUITE_END()
