#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace kusto::emulator
{

/// Tokens of another identity provider that the application may sign in with, as a federated
/// identity credential of the application says.
class federated_credential
{
public:
    /// \param issuer, subject, audience  compared exactly, case included
    /// \param public_key_pem  RSA, the key that the issuer signs with (RS256)
    federated_credential(std::string issuer, std::string subject, std::string public_key_pem,
                         std::string audience = "api://AzureADTokenExchange")
        : issuer_(std::move(issuer)),
          subject_(std::move(subject)),
          public_key_pem_(std::move(public_key_pem)),
          audience_(std::move(audience))
    {
    }

    [[nodiscard]] std::string const& issuer() const noexcept { return issuer_; }
    [[nodiscard]] std::string const& subject() const noexcept { return subject_; }
    [[nodiscard]] std::string const& public_key_pem() const noexcept { return public_key_pem_; }
    [[nodiscard]] std::string const& audience() const noexcept { return audience_; }

private:
    std::string issuer_;
    std::string subject_;
    std::string public_key_pem_;
    std::string audience_;
};

/// A registration that accepts every certificate of one subject from one authority, given in `x5c`.
class subject_registration
{
public:
    /// \param common_name  of the certificate's subject
    /// \param authority_pem  the issuer that the chain must end at
    subject_registration(std::string common_name, std::string authority_pem)
        : common_name_(std::move(common_name)),
          authority_pem_(std::move(authority_pem))
    {
    }

    [[nodiscard]] std::string const& common_name() const noexcept { return common_name_; }
    [[nodiscard]] std::string const& authority_pem() const noexcept { return authority_pem_; }

private:
    std::string common_name_;
    std::string authority_pem_;
};

/// How the application of the local cluster may sign in, besides its secret, and what the identity
/// provider does.
class sign_in_options
{
public:
    /// A certificate of the application (PEM; other blocks are ignored). May be given repeatedly.
    sign_in_options& certificate(std::string pem)
    {
        certificates_.push_back(std::move(pem));
        return *this;
    }
    /// May be given repeatedly.
    sign_in_options& subject(subject_registration value)
    {
        subjects_.push_back(std::move(value));
        return *this;
    }
    /// May be given repeatedly.
    sign_in_options& federated(federated_credential value)
    {
        federated_.push_back(std::move(value));
        return *this;
    }
    /// The right secret is refused as expired. Default false.
    sign_in_options& secret_expired(bool value)
    {
        secret_expired_ = value;
        return *this;
    }
    /// How far the identity provider's clock is ahead of the system's. Default 0.
    sign_in_options& clock_offset(std::chrono::seconds value)
    {
        clock_offset_ = value;
        return *this;
    }
    /// `refresh_in` of answers with a token. Default 0: not there.
    sign_in_options& refresh_in(std::chrono::seconds value)
    {
        refresh_in_ = value;
        return *this;
    }
    /// Every device code is approved as soon as it is asked for. Default false.
    sign_in_options& approve_device_codes(bool value)
    {
        approve_device_codes_ = value;
        return *this;
    }
    /// How long a device code may be used, and the shortest time between two polls; a client that
    /// comes earlier is told to slow down. Default 15 min, 5 s.
    sign_in_options& device_code(std::chrono::seconds lifetime, std::chrono::seconds interval)
    {
        device_code_lifetime_ = lifetime;
        device_code_interval_ = interval;
        return *this;
    }

    [[nodiscard]] auto const& certificates() const noexcept { return certificates_; }
    [[nodiscard]] auto const& subjects() const noexcept { return subjects_; }
    [[nodiscard]] auto const& federated() const noexcept { return federated_; }
    [[nodiscard]] bool secret_expired() const noexcept { return secret_expired_; }
    [[nodiscard]] std::chrono::seconds clock_offset() const noexcept { return clock_offset_; }
    [[nodiscard]] std::chrono::seconds refresh_in() const noexcept { return refresh_in_; }
    [[nodiscard]] bool approve_device_codes() const noexcept { return approve_device_codes_; }
    [[nodiscard]] std::chrono::seconds device_code_lifetime() const noexcept
    {
        return device_code_lifetime_;
    }
    [[nodiscard]] std::chrono::seconds device_code_interval() const noexcept
    {
        return device_code_interval_;
    }

private:
    std::vector<std::string> certificates_;
    std::vector<subject_registration> subjects_;
    std::vector<federated_credential> federated_;
    bool secret_expired_ = false;
    std::chrono::seconds clock_offset_{0};
    std::chrono::seconds refresh_in_{0};
    bool approve_device_codes_ = false;
    std::chrono::seconds device_code_lifetime_ = std::chrono::minutes(15);
    std::chrono::seconds device_code_interval_{5};
};

} // namespace kusto::emulator
