#pragma once

#include <atomic>
#include <emulator/data_manager.hpp>
#include <emulator/server/exchange.hpp>
#include <emulator/server/fault_plan.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace kusto::emulator
{

/// The cluster's present fault script: asked by the ports for each request and by the data manager
/// for each message.
///
/// \par Thread safety
/// All member functions may be called from any thread.
class fault_control final : public ingestion_faults
{
public:
    /// What rules can do to the cluster's state.
    struct effects
    {
        std::function<void()> expire_sas;
        std::function<void()> revoke_tokens;
        std::function<void()> expire_identity;
    };

    explicit fault_control(effects apply);

    /// \throws fault_script_error, and then nothing changes
    void install(fault_script script);
    [[nodiscard]] std::vector<fault_count> counts() const;

    /// Whether the script has rules at all.
    [[nodiscard]] bool active() const noexcept { return active_; }
    /// Whether a rule asks for the text of commands or queries.
    [[nodiscard]] bool reads_text() const noexcept { return reads_text_; }
    [[nodiscard]] bool silent_connection(port_role port);
    [[nodiscard]] exchange plan(port_role port, request const& http);
    message_faults decide(std::string const& blob_url) override;

private:
    using clock = std::chrono::steady_clock;

    [[nodiscard]] std::chrono::milliseconds elapsed() const;
    [[nodiscard]] exchange shape(request_verdict const& verdict) const;
    void end(exchange& into, fault const& rule, port_role port, request const& http) const;

    effects const apply_;
    std::atomic<bool> active_{false};
    std::atomic<bool> reads_text_{false};
    mutable std::mutex mutex_; ///< guards what follows
    fault_plan plan_{fault_script()};
    std::vector<std::shared_ptr<rate_limit>> rates_; ///< by rule; null where there is none
    clock::time_point start_ = clock::now();
};

/// The rules as one port sees them.
class port_faults final : public exchange_policy
{
public:
    port_faults(fault_control& control, port_role port) : control_(control), port_(port) {}

    bool silent_connection() override
    {
        return control_.active() && control_.silent_connection(port_);
    }
    [[nodiscard]] bool needs_body(request const& head) const override
    {
        return (control_.active() && route_is_in_body(port_, head)) ||
               (control_.reads_text() && text_is_in_body(port_, head));
    }
    exchange plan(request const& http) override
    {
        return control_.active() ? control_.plan(port_, http) : exchange();
    }

private:
    fault_control& control_;
    port_role port_;
};

} // namespace kusto::emulator
