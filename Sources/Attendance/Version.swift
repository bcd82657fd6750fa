/// The version that every program of this package shows.
public enum TitianVersion {
    public static let current = "0.1.0"
}
